// What an edit changes, and what it leaves alone: the plane by itself, without a proxy.
import { describe, expect, it } from '@jest/globals'
import type { FleetChange, RecordChange } from '@penstock/ir'
import { createEnvoyPlane, type EnvoyPlane, envoyTypes } from '@penstock/plane-envoy'
import fc from 'fast-check'
import { certificate, pairs } from './certificates.ts'
import { attachment, backendOf, fleet, listener, prefix, rule, service, to } from './records.ts'

const http = listener('http', { port: 80 })
const wild = listener('wild', { port: 80, hostname: '*.example.com' })
const https = listener('https', { port: 443, hostname: 'foo.example.com', certificate: 'foo' })
const foo = rule('foo', [attachment(wild, 'foo.example.com')], { backends: [to('a', 1), to('b', 0)] })
const any = rule('any', [attachment(http, ['', ''])], { backends: [to('a')] })
const secure = rule('secure', [attachment(https, 'foo.example.com')], { backends: [to('a')] })
const records = [http, wild, https, foo, any, secure, ...service('a', [1000]), ...service('b', [1001])]
const all = [...records, certificate('foo', pairs.one)]

const plane = (): EnvoyPlane =>
  createEnvoyPlane({ openKey: ({ box }) => Buffer.from(box).toString(), trial: { freeze: true, twice: true } })

/** A plane with all records, and the fleet connected. */
function connected(): EnvoyPlane {
  const made = plane()
  made.apply(all)
  made.connect(fleet)
  return made
}

const typeNames = new Map<string, string>(Object.entries(envoyTypes).map(([name, typeUrl]) => [typeUrl, name]))
const shown = ({ typeUrl, name, resource }: FleetChange): string =>
  `${resource === undefined ? '-' : '+'} ${typeNames.get(typeUrl)} ${name}`
const gone = ({ key }: { key: string }): RecordChange => ({ key, record: undefined })

describe('an edit of', () => {
  const slice = (port: number): RecordChange[] => service('a', [port]).slice(1)
  const cases: [string, RecordChange[], string[]][] = [
    [
      'a weight',
      [rule('foo', [attachment(wild, 'foo.example.com')], { backends: [to('a', 1), to('b', 5)] })],
      ['+ table 80/20'],
    ],
    ['endpoints', slice(1002), [`+ endpoints ${backendOf('a')}`]],
    ['a rule for every host', [rule('any', [attachment(http, ['', ''])], { backends: [to('b')] })], ['+ table 80/*']],
    ['a certificate', [certificate('foo', pairs.two)], ['+ secret certificate/default/foo']],
    ['nothing', all, []],
    [
      'a backend that only one rule has',
      [rule('foo', [attachment(wild, 'foo.example.com')], { backends: [to('a', 1)] })],
      [`- cluster ${backendOf('b')}`, `- endpoints ${backendOf('b')}`, '+ table 80/20'],
    ],
    ['a rule that goes', [gone(any)], ['+ table 80/*']],
    [
      'a host that goes',
      [gone(foo)],
      [`- cluster ${backendOf('b')}`, `- endpoints ${backendOf('b')}`, '+ table 80/20', '- scope 80/foo.example.com'],
    ],
    [
      'a host that comes',
      [rule('bar', [attachment(wild, 'bar.example.com')], { backends: [to('a')] })],
      ['+ table 80/25', '+ scope 80/bar.example.com'],
    ],
    // Its hosts belong to nobody's rules any more: 404, which another table says.
    [
      'a listener that comes',
      [listener('bar', { port: 80, hostname: 'bar.example.com' })],
      ['+ table 80/25', '+ scope 80/bar.example.com'],
    ],
    [
      'a secret that goes',
      [gone(certificate('foo', pairs.one))],
      ['- secret certificate/default/foo', '+ listener 443'],
    ],
  ]
  it.each(cases)('%s', (_, changes, expected) => {
    expect(connected().apply(changes).map(shown)).toEqual(expected)
  })

  it('a rule never changes a listener', () => {
    const edits = [
      rule('foo', [attachment(wild, '*.example.com'), attachment(http, ['', ''])], {}),
      gone(any),
      gone(secure),
    ]
    const changes = connected().apply(edits)
    expect(changes.length).toBeGreaterThan(0)
    expect(changes.map(({ typeUrl }) => typeUrl)).not.toContain(envoyTypes.listener)
  })
})

describe('sources', () => {
  it('are the objects behind each change', () => {
    const changes = connected().apply([
      rule('foo', [attachment(wild, 'foo.example.com')], { backends: [to('b')] }),
      rule('bar', [attachment(wild, 'bar.example.com')], { backends: [to('a')] }),
      ...service('a', [1003]),
    ])
    const named = changes.map((change) => [shown(change), change.sources.map(({ kind, name }) => `${kind}/${name}`)])
    expect(named).toEqual([
      [`+ endpoints ${backendOf('a')}`, expect.arrayContaining(['EndpointSlice/a-0'])],
      ['+ table 80/20', ['HTTPRoute/foo']],
      ['+ table 80/25', ['HTTPRoute/bar']],
      ['+ scope 80/bar.example.com', ['HTTPRoute/bar']],
    ])
  })

  it('at connect are all that have a part in the resource', () => {
    const made = plane()
    made.apply(all)
    const table = made.connect(fleet).find((change) => shown(change) === '+ table 80/*')
    expect(table?.sources.map(({ name }) => name).sort()).toEqual(['any', 'gateway'])
  })
})

describe('a key that cannot be opened', () => {
  it('leaves its own listener without traffic, and no neighbour changes', () => {
    const other = listener('other', { port: 443, hostname: 'other.example.com', certificate: 'other' })
    const openKey = ({ subject, box }: { subject: string; box: Uint8Array }): string => {
      if (subject === 'other') throw new Error('sealed with another key')
      return Buffer.from(box).toString()
    }
    const made = createEnvoyPlane({ openKey })
    made.apply([...all, other, certificate('other', pairs.two)])
    const names = made.connect(fleet).map(shown)
    expect(names).toContain('+ listener 443')
    expect(names.filter((name) => name.includes('secret'))).toEqual(['+ secret certificate/default/foo'])
    expect([...made.graph.held().keys()]).toEqual([`secrets ${fleet}/certificate/default/other`])
  })
})

describe('a fleet', () => {
  it('without a proxy gets nothing', () => {
    expect(plane().apply(all)).toEqual([])
  })

  it('that disconnected and came back gets the same', () => {
    const made = plane()
    made.apply(all)
    const first = made.connect(fleet)
    made.disconnect(fleet)
    expect(made.apply([gone(foo)])).toEqual([])
    made.apply([foo])
    expect(made.connect(fleet)).toEqual(first)
  })

  it('without records leaves nothing behind', () => {
    const made = connected()
    made.apply(all.map(gone))
    made.disconnect(fleet)
    expect(made.graph.size()).toEqual({ records: 0, computed: 0, dependencies: 0, held: 0 })
  })
})

describe('the bytes', () => {
  const state = (changes: readonly FleetChange[], known = new Map<string, string>()): Map<string, string> => {
    for (const { typeUrl, name, resource } of changes) {
      if (resource === undefined) known.delete(`${typeUrl} ${name}`)
      else known.set(`${typeUrl} ${name}`, resource.version)
    }
    return known
  }
  const variants = [
    ...all.flatMap((record) => [record, gone(record)]),
    rule('foo', [attachment(http, ['', '']), attachment(wild, '*.a.example.com')], {
      matches: [prefix('/a')],
      backends: [to('b')],
    }),
    listener('more', { port: 80, hostname: 'foo.example.com', precedence: 'a' }),
    gone(listener('more', { port: 80 })),
  ]

  it('are those of the records, whatever the way to them', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.constantFrom(...variants), { maxLength: 4 }), { maxLength: 6 }), (batches) => {
        const travelled = connected()
        const known = state(connectedState(travelled))
        for (const batch of batches) state(travelled.apply(batch), known)
        const fresh = plane()
        fresh.apply([...new Map([...all, ...batches.flat()].map((change) => [change.key, change])).values()].reverse())
        expect(known).toEqual(state(fresh.connect(fleet)))
      }),
      { numRuns: 25 },
    )
  })

  function connectedState(made: EnvoyPlane): FleetChange[] {
    made.disconnect(fleet)
    return made.connect(fleet)
  }
})
