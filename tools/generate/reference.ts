// Writes docs/reference and the values of the charts, from the tables that the code itself runs on. usage: pnpm reference
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { chartFiles } from './charts/charts.ts'
import { monitoringFiles } from './monitoring/files.ts'
import { documentPath, documents } from './reference/documents.ts'

for (const [name, document] of Object.entries(documents)) {
  const path = documentPath(name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, await document())
}
for (const [path, text] of [...chartFiles(), ...monitoringFiles()]) writeFileSync(path, text)
