// docs/reference says what the code does, or this fails.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { busServices } from '@penstock/bus'
import { documentPath, documents } from './reference/documents.ts'

const root = resolve(import.meta.dirname, '../..')
const command = 'pnpm reference'

function written(name: string): string {
  try {
    return readFileSync(documentPath(name), 'utf8')
  } catch {
    return ''
  }
}

describe('docs/reference', () => {
  it.each(Object.keys(documents))(`is what \`${command}\` writes: %s.md`, async (name) => {
    const fresh = ((await documents[name]?.()) ?? '').split('\n')
    const stale = written(name).split('\n')
    const line = fresh.findIndex((text, index) => text !== stale[index])
    if (line < 0 && fresh.length === stale.length) return
    throw new Error(`docs/reference/${name}.md:${line + 1} is stale; \`${command}\` writes it: ${fresh[line]}`)
  })

  // The table of channels names those of the design that are to come.
  it('speaks of no service as if it were there that is not', () => {
    for (const service of busServices().filter((name) => !existsSync(join(root, 'apps', name)))) {
      for (const name of ['channels', 'kubernetes-rights']) expect(written(name)).not.toContain(service)
      expect(written('permissions')).toContain(`## ${service}\n\nNot built yet.`)
    }
  })

  it('holds nothing else', () => {
    const files = readdirSync(dirname(documentPath('any'))).sort()
    expect(files).toEqual(
      Object.keys(documents)
        .map((name) => `${name}.md`)
        .sort(),
    )
  })
})
