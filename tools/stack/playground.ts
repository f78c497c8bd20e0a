// The folder that a newcomer edits: a copy of examples/quickstart, made once and never overwritten.
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Document, parseAllDocuments } from 'yaml'

export interface PlaygroundPorts {
  gatewayPort?: number | undefined
  backendPort?: number | undefined
}

/** Copies the quickstart if the folder does not exist yet, and moves its ports where flags ask for it. */
export function preparePlayground(quickstart: string, folder: string, ports: PlaygroundPorts): void {
  if (!existsSync(folder)) cpSync(quickstart, folder, { recursive: true })
  const { gatewayPort, backendPort } = ports
  if (gatewayPort !== undefined) {
    edit(join(folder, 'gateway.yaml'), 'Gateway/demo', (document) =>
      document.setIn(['spec', 'listeners', 0, 'port'], gatewayPort),
    )
  }
  if (backendPort !== undefined) {
    const file = join(folder, 'backends.yaml')
    edit(file, 'EndpointSlice/hello-v1', (document) => document.setIn(['ports', 0, 'port'], backendPort))
    edit(file, 'EndpointSlice/hello-v2', (document) => document.setIn(['ports', 0, 'port'], backendPort + 1))
  }
}

/** Changes one document of a file, keeping its comments; a file that was edited beyond recognition is left alone. */
function edit(file: string, wanted: string, change: (document: Document) => void): void {
  if (!existsSync(file)) return
  const before = readFileSync(file, 'utf8')
  const documents = parseAllDocuments(before)
  if (!Array.isArray(documents)) return
  const target = documents.find(
    (document) => `${document.get('kind')}/${document.getIn(['metadata', 'name'])}` === wanted,
  )
  if (!target || target.errors.length > 0) return
  change(target)
  const after = documents.map((document) => String(document)).join('')
  if (after !== before) writeFileSync(file, after)
}
