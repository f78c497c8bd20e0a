import { expect, it } from '@jest/globals'
import { earlyWriters, type Span, type Upgrade } from './reign-watch.ts'

const upgrade: Upgrade = {
  ...{ older: 'a', newer: 'b', raised: ['resource', 'ir'] },
  installed: ['watcher', 'translator', 'xds-server', 'agentgateway-server'],
}
type Spans = Readonly<Record<string, Span>>
/** As things should be: who reads goes before who writes leads. */
const presences: Spans = {
  'xds-server a': { firstMs: 0, lastMs: 10 },
  'agentgateway-server a': { firstMs: 0, lastMs: 12 },
  'translator a': { firstMs: 0, lastMs: 22 },
}
const reigns: Spans = { 'translator b': { firstMs: 20, lastMs: 90 }, 'watcher b': { firstMs: 30, lastMs: 90 } }

const early = (seen: Spans, led: Spans): readonly string[] =>
  earlyWriters(
    { presence: (app, build) => seen[`${app} ${build}`], reign: (app, build) => led[`${app} ${build}`] },
    upgrade,
  )

it('an upgrade in which readers go first has nothing to tell', () => {
  expect(early(presences, reigns)).toEqual([])
})

it('a writer that leads while a reader of the older build stays is told of', () => {
  const late = { ...presences, 'xds-server a': { firstMs: 0, lastMs: 25 } }
  expect(early(late, reigns)).toEqual(['translator b wrote ir while xds-server a still read it'])
})

it('a reader that nobody has seen has not gone', () => {
  const { 'xds-server a': _, ...others } = presences
  expect(early(others, reigns)).toEqual(['no xds-server of the build a was ever seen, so nobody knows when it went'])
  expect(early({}, reigns)).toHaveLength(3)
})

it('a writer that never leads is told of', () => {
  const { 'watcher b': _, ...others } = reigns
  expect(early(presences, others)).toEqual(['no watcher of the build b ever led'])
})
