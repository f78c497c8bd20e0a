// What a hostname that shares its filter chain changes, runs and leaves alone (ADR 6): the plane by itself.
import { describe, expect, it } from '@jest/globals'
import type { FleetChange, RecordChange } from '@penstock/ir'
import { createEnvoyPlane, envoyTypes } from '@penstock/plane-envoy'
import { createPlaneGraph } from '@penstock/plane-envoy/graph'
import { certificate, pairs } from './certificates.ts'
import { fleet, type KeyedRecord, listener } from './records.ts'

const port = 443
const openKey = ({ box }: { readonly box: Uint8Array }): string => Buffer.from(box).toString()
const site = (name: string, fields: Partial<Parameters<typeof listener>[1]> = {}): KeyedRecord =>
  listener(name, { port, hostname: `${name}.example.com`, certificate: name, ...fields })
const sites = (count: number): KeyedRecord[] => Array.from({ length: count }, (_, at) => site(`s${at}`))

function connected(records: readonly RecordChange[], sharedFrom = 3) {
  const plane = createEnvoyPlane({ openKey, sharedFrom, trial: { freeze: true, twice: true } })
  plane.apply(records)
  plane.connect(fleet)
  return plane
}

const listenersIn = (changes: readonly FleetChange[]): string[] =>
  changes.filter(({ typeUrl }) => typeUrl === envoyTypes.listener).map(({ name }) => name)

describe('a hostname more', () => {
  it.each([
    ['of too few to share', sites(1), [`${port}`]],
    ['that makes them enough', sites(2), [`${port}`]],
    ['of those who share', sites(3), []],
    ['beside a wildcard for others', [...sites(3), site('wild', { hostname: '*.other.com' })], []],
    // NOTE: the filter chain match must name it then.
    ['beside a wildcard for it', [...sites(3), site('wild', { hostname: '*.example.com' })], [`${port}`]],
    ['beside a listener for every host', [...sites(3), site('any', { hostname: '' })], [`${port}`]],
  ])('%s', (_, before, expected) => {
    expect(listenersIn(connected(before).apply([site('more'), certificate('more', pairs.one)]))).toEqual(expected)
  })

  it('runs nothing that grows with their number', () => {
    const plane = createPlaneGraph({ openKey, address: '0.0.0.0', sharedFrom: 3 })
    const set = (...records: readonly KeyedRecord[]) =>
      plane.graph.transaction((setter) => {
        for (const { key, record } of records) setter.set<unknown>(plane.records.listener, key, record.value)
      })
    set(...sites(50))
    plane.graph.transaction((setter) => setter.set(plane.connected, fleet, true))
    const round = set(site('more'))
    const ran = round.work.filter(({ collection }) => collection === 'listeners' || collection === 'sharers')
    expect(ran.map(({ collection, key }) => `${collection} ${key}`)).toEqual([
      'sharers listener/default/gateway/Gateway/default/gateway/more',
    ])
    expect(round.reads).toBeLessThan(10)
  })
})

describe('a certificate of theirs', () => {
  const secrets = (changes: readonly FleetChange[]): unknown[] =>
    changes.map(({ typeUrl, name, sources }) => [
      typeUrl === envoyTypes.secret,
      name,
      sources.map((source) => `${source.kind}/${source.name}`),
    ])

  it('that is renewed is a secret named by the hostname, of its Secret', () => {
    const plane = connected([...sites(4), certificate('s1', pairs.one)])
    expect(secrets(plane.apply([certificate('s1', pairs.two)]))).toEqual([[true, 's1.example.com', ['Secret/s1']]])
  })

  it('is that of the listener with precedence where ports differ, and the other has a chain of its own', () => {
    const younger = site('z', { port: 8443, hostname: 's1.example.com' })
    const plane = connected([...sites(3), younger, certificate('s1', pairs.one), certificate('z', pairs.two)], 1)
    const gone = { key: site('s1').key, record: undefined }
    expect(secrets(plane.apply([gone])).flatMap((change) => (change as unknown[])[1])).toEqual(
      expect.arrayContaining(['s1.example.com', 'certificate/default/z', '8443']),
    )
  })
})
