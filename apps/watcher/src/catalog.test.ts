import { describe, expect, it } from '@jest/globals'
import { createAdmission } from '@penstock/gateway-api/admission'
import { type Catalog, type CatalogChange, createCatalog } from './catalog.ts'
import { readManifest } from './manifest.ts'

const admission = createAdmission()
const limits = { maxAliases: 100, maxDocuments: 50, maxObjectBytes: 100_000 }

const map = (name: string, value = '1'): string =>
  `---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n  x: "${value}"\n`
const badMap = (name: string): string => `---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndatum: {}\n`
const unnamed = '---\napiVersion: v1\nkind: ConfigMap\nmetadata: {}\n'
const key = (name: string): string => `/ConfigMap/default/${name}`

function read(catalog: Catalog, files: Record<string, string>): CatalogChange {
  for (const [file, text] of Object.entries(files)) {
    const reader = { admission, limits, lastGood: (k: string) => catalog.objects.get(k) }
    catalog.read(file, readManifest(text, catalog.manifest(file), reader))
  }
  return catalog.take()
}

function settled(catalog: Catalog, ...files: string[]): CatalogChange {
  for (const file of files) catalog.settle(file)
  return catalog.take()
}

/** `name=value` of every object. */
const contents = (catalog: Catalog): string[] =>
  [...catalog.objects.values()].map((o) => `${o.metadata.name}=${(o as { data?: { x?: string } }).data?.x}`).sort()

const told = (change: CatalogChange): string[] =>
  change.refused.map(({ file, line, path, reason }) => `${file}:${line} ${path} ${reason}`.replace('  ', ' '))

describe('what counts', () => {
  it('holds every object of every file', () => {
    const catalog = createCatalog()
    const change = read(catalog, { 'a.yaml': map('one') + map('two'), 'b.yaml': map('three') })
    expect(contents(catalog)).toEqual(['one=1', 'three=1', 'two=1'])
    expect([...change.keys].sort()).toEqual(['one', 'three', 'two'].map(key))
  })

  it('names only the keys whose document changed', () => {
    const catalog = createCatalog()
    read(catalog, { 'a.yaml': map('one') + map('two') + map('three') })
    const change = read(catalog, { 'a.yaml': `# a comment\n${map('one')}${map('two', '2')}${map('three')}` })
    expect([...change.keys]).toEqual([key('two')])
  })

  it('keeps the last good version of a document that went bad, and its neighbours go on', () => {
    const catalog = createCatalog()
    read(catalog, { 'a.yaml': map('one') + map('two') })
    const change = read(catalog, { 'a.yaml': badMap('one') + map('two', '2') })
    settled(catalog, 'a.yaml')
    expect(contents(catalog)).toEqual(['one=1', 'two=2'])
    expect(told(change)).toEqual(['a.yaml:6 datum unknown field'])
    expect(change.refused[0]?.identity).toMatchObject({ kind: 'ConfigMap', namespace: 'default', name: 'one' })
    expect(read(catalog, { 'a.yaml': map('one', '3') + map('two', '2') }).healed).toEqual(['a.yaml'])
  })

  it('holds a document that never was good', () => {
    const catalog = createCatalog()
    read(catalog, { 'a.yaml': badMap('one') })
    expect([...catalog.held]).toEqual([key('one')])
    read(catalog, { 'a.yaml': map('one') })
    expect([...catalog.held]).toEqual([])
  })
})

describe('removal', () => {
  it('waits until the file has settled', () => {
    const catalog = createCatalog()
    read(catalog, { 'a.yaml': map('one') + map('two') })
    settled(catalog, 'a.yaml')
    read(catalog, { 'a.yaml': map('one') })
    expect(catalog.unsettled('a.yaml')).toBe(true)
    expect(contents(catalog)).toEqual(['one=1', 'two=1'])
    expect([...settled(catalog, 'a.yaml').keys]).toEqual([key('two')])
    expect(contents(catalog)).toEqual(['one=1'])
    expect(catalog.unsettled('a.yaml')).toBe(false)
  })

  it.each(['', 'kind: [', unnamed])('removes nothing that was in a file that now reads %j', (text) => {
    const catalog = createCatalog()
    read(catalog, { 'a.yaml': map('one') })
    read(catalog, { 'a.yaml': text })
    if (text !== '') settled(catalog, 'a.yaml')
    expect(contents(catalog)).toEqual(['one=1'])
  })

  it.each([
    ['another kind', '---\napiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\n'],
    ['no object', '---\nreplicas: 3\n'],
    ['a kustomization', '---\nkind: Kustomization\n'],
  ])('goes on beside %s, which is told', (_, stranger) => {
    const catalog = createCatalog()
    read(catalog, { 'a.yaml': map('one') + map('two') + stranger })
    settled(catalog, 'a.yaml')
    expect(catalog.blind).toBe(false)
    const change = read(catalog, { 'a.yaml': map('two') + stranger })
    expect(contents(catalog)).toEqual(['one=1', 'two=1'])
    expect(told(change)).toEqual([expect.stringContaining('not read: ')])
    settled(catalog, 'a.yaml')
    expect(contents(catalog)).toEqual(['two=1'])
    expect([...catalog.held]).toEqual([])
  })

  it('names the files from which it removes nothing, once they are settled', () => {
    const catalog = createCatalog()
    read(catalog, { 'a.yaml': map('one') })
    settled(catalog, 'a.yaml')
    read(catalog, { 'a.yaml': unnamed, 'b.yaml': 'kind: [' })
    expect(catalog.unclear()).toEqual([])
    settled(catalog, 'a.yaml', 'b.yaml')
    expect(catalog.unclear()).toMatchObject([
      { file: 'a.yaml', missing: [key('one')], blind: false },
      { file: 'b.yaml', missing: [], blind: true },
    ])
    read(catalog, { 'a.yaml': map('two') })
    catalog.vanish('b.yaml')
    expect(catalog.unclear()).toEqual([])
  })

  it('removes what was in a file that is gone, once that has settled', () => {
    const catalog = createCatalog()
    read(catalog, { 'a.yaml': map('one'), 'b.yaml': map('two') })
    catalog.vanish('a.yaml')
    catalog.take()
    expect(contents(catalog)).toEqual(['one=1', 'two=1'])
    settled(catalog, 'a.yaml')
    expect(contents(catalog)).toEqual(['two=1'])
  })

  it('does not remove what moved to another file meanwhile', () => {
    const catalog = createCatalog()
    read(catalog, { 'a.yaml': map('one') })
    catalog.vanish('a.yaml')
    expect(told(read(catalog, { 'b.yaml': map('one', '2') }))).toEqual([])
    expect(contents(catalog)).toEqual(['one=2'])
    settled(catalog, 'a.yaml', 'b.yaml')
    expect(contents(catalog)).toEqual(['one=2'])
  })

  it('takes back a file that was away for a moment', () => {
    const catalog = createCatalog()
    read(catalog, { 'a.yaml': map('one') })
    catalog.vanish('a.yaml')
    catalog.take()
    read(catalog, { 'a.yaml': map('one') })
    settled(catalog, 'a.yaml')
    expect(contents(catalog)).toEqual(['one=1'])
  })

  it('is blind until every file has said once which objects it holds', () => {
    const catalog = createCatalog()
    read(catalog, { 'a.yaml': map('one'), 'b.yaml': unnamed })
    settled(catalog, 'a.yaml', 'b.yaml')
    expect(catalog.blind).toBe(true)
    read(catalog, { 'b.yaml': map('two') })
    settled(catalog, 'b.yaml')
    expect(catalog.blind).toBe(false)
    read(catalog, { 'b.yaml': unnamed })
    settled(catalog, 'b.yaml')
    expect(catalog.blind).toBe(false)
  })
})

describe('the same object twice', () => {
  it('counts in the first file, whatever the order of reading, and tells both places', () => {
    const catalog = createCatalog()
    read(catalog, { 'b.yaml': map('one', 'b') })
    const change = read(catalog, { 'a.yaml': map('other') + map('one', 'a') })
    expect(contents(catalog)).toContain('one=a')
    expect(told(change)).toEqual(['b.yaml:2 ConfigMap default/one stands in a.yaml:9 already, and the first counts'])
  })

  it('counts in the second file once the first has none of it', () => {
    const catalog = createCatalog()
    read(catalog, { 'a.yaml': map('one', 'a'), 'b.yaml': map('one', 'b') })
    read(catalog, { 'a.yaml': map('two') })
    expect(settled(catalog, 'a.yaml').healed).toEqual([])
    expect(contents(catalog)).toEqual(['one=b', 'two=1'])
    expect([...catalog.wrong]).toEqual([])
  })

  it('counts first within a file', () => {
    const catalog = createCatalog()
    const change = read(catalog, { 'a.yaml': map('one', 'first') + map('one', 'second') })
    expect(contents(catalog)).toEqual(['one=first'])
    expect(told(change)).toEqual(['a.yaml:9 ConfigMap default/one stands in a.yaml:2 already, and the first counts'])
  })
})
