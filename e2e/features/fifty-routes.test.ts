// The promise of the whole path: an edit costs what was edited, in every service and on the wire, and the real Envoy
// answers accordingly.
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals'
import type { Round } from '@penstock/incremental'
import { envoyTypes } from '@penstock/plane-envoy'
import { envoyJson, until } from '@penstock/testkit'
import { endpointSlice, httpRoute, type Manifest, service } from './manifests.ts'
import { recordRounds, workOf } from './recorded-rounds.ts'
import { type Edit, type Rig, startRig } from './rig.ts'
import { resourcesIn } from './xds-tap.ts'

// Each wait has a deadline of its own.
jest.setTimeout(60_000)

const routes = Array.from({ length: 60 }, (_, i) => ({ name: `web-${i}`, host: `web-${i}.example.com` }))
const fileOf = (name: string): string => `routes/${name}.yaml`
const routeKey = (name: string): string => `gateway.networking.k8s.io/HTTPRoute/default/${name}`

const stack = new AsyncDisposableStack()
let rig: Rig
let translated: Round[]
let planned: Round[]
/** By host: the table that has it, out of what Envoy was first sent. */
let tables: ReadonlyMap<string, string>

beforeAll(async () => {
  const split = httpRoute('split', { host: 'split.example.com', backends: { v1: 9, v2: 1 } })
  const files = routes.map(({ name, host }) => [fileOf(name), [httpRoute(name, { host, path: '/before' })]] as const)
  rig = stack.use(await startRig({ ...Object.fromEntries(files), 'split.yaml': [split] }))
  translated = recordRounds(rig.services.translator.service.translation.graph)
  planned = recordRounds(rig.services.xdsServer.service.plane.graph)
  tables = tablesByHost(rig)
})

afterAll(() => stack.disposeAsync(), 30_000)

beforeEach(() => {
  translated.length = 0
  planned.length = 0
})

interface VirtualHost {
  domains: string[]
}

const virtualHosts = (body: Uint8Array): VirtualHost[] => {
  const table = envoyJson(envoyTypes.table, body) as { virtualHosts?: unknown }
  return (table.virtualHosts ?? []) as VirtualHost[]
}

function tablesByHost({ tap }: Rig): Map<string, string> {
  const sent = tap.messages.filter(({ typeUrl }) => typeUrl === envoyTypes.table).flatMap(({ resources }) => resources)
  const named = sent.flatMap(({ name, body }) =>
    virtualHosts(body).flatMap(({ domains }) => domains.map((domain) => [domain, name] as const)),
  )
  return new Map(named)
}

const wire = ({ sent }: Edit): string[] => resourcesIn(sent)

const keys = ({ changes }: { changes: readonly { key: string }[] }): string[] => changes.map(({ key }) => key)

/** What an edit of a route runs: its own functions, its host's, and its host's table. Exactly this, in this order. */
function expectWork(name: string, host: string): void {
  expect(workOf(translated)).toEqual(
    ['translatedRoutes', 'httpRuleRecords', 'attachedRoutes', 'backendsInUse', 'serviceUses', 'routeStatus'].map(
      (collection) => `${collection} ${routeKey(name)}`,
    ),
  )
  const rule = `http_rule/HTTPRoute/default/${name}/#0`
  const attached = `listener/default/gw/Gateway/default/gw/http|${rule}`
  const place = `local/${rig.port}/${host}`
  expect(workOf(planned)).toEqual([
    `attachedRules ${rule}`,
    `attached ${attached}`,
    `usersOf ${attached}`,
    `rulesAt ${attached}`,
    `routes ${attached}`,
    `routesAt ${attached}`,
    `virtualHosts ${place}`,
    `virtualHostsIn ${place}`,
    `tables local/${tables.get(host)}`,
    `hostScopes ${place}`,
  ])
}

describe('an edit of one of many routes', () => {
  it.each(routes)('recomputes and sends what is of $name, and is live', async ({ name, host }) => {
    const statuses = rig.view.status.commits.length
    const edited = await rig.edit(() => rig.write(fileOf(name), httpRoute(name, { host, path: '/after' })))
    const [after, before] = await Promise.all([rig.ask({ host, path: '/after' }), rig.ask({ host, path: '/before' })])
    expect([after.echo?.backend, before.status]).toEqual(['v1', 404])

    expect(keys(edited.resource)).toEqual([routeKey(name)])
    expect(keys(edited.ir)).toEqual([`http_rule/HTTPRoute/default/${name}/#0`])
    expectWork(name, host)
    expect(wire(edited)).toEqual([`RouteConfiguration ${tables.get(host)}`])
    const told = await until('its status', () => rig.view.status.commits[statuses])
    expect(keys(told)).toEqual([routeKey(name)])
  })

  it('leaves the hosts of the same table as they were', () => {
    const sent = rig.tap.messages.filter(({ typeUrl }) => typeUrl === envoyTypes.table)
    const first = new Map(sent[0]?.resources.map(({ name, body }) => [name, virtualHosts(body)]))
    const shared = [...first].filter(([, hosts]) => hosts.length > 1)
    expect(shared.length).toBeGreaterThan(0)
    for (const [table, hosts] of shared) {
      const later = sent.slice(1).flatMap(({ resources }) => resources.filter(({ name }) => name === table))
      let known = hosts
      for (const { body } of later) {
        const now = virtualHosts(body)
        const changed = now.filter((host, i) => JSON.stringify(host) !== JSON.stringify(known[i]))
        expect(changed).toHaveLength(1)
        known = now
      }
    }
  })
})

describe('among many routes', () => {
  const edit = (file: string, ...manifests: Manifest[]): Promise<Edit> => rig.edit(() => rig.write(file, ...manifests))

  it('an edit of weights touches neither clusters nor listeners', async () => {
    const host = 'split.example.com'
    const edited = await edit('split.yaml', httpRoute('split', { host, backends: { v1: 0, v2: 1 } }))
    expectWork('split', host)
    expect(wire(edited)).toEqual([`RouteConfiguration ${tables.get(host)}`])
    expect((await rig.ask({ host })).echo?.backend).toBe('v2')
  })

  it('an edit of an EndpointSlice sends its endpoints and nothing else', async () => {
    const edited = await edit('v1.yaml', service('v1'), endpointSlice('v1', rig.backends.v2.port))
    expect(workOf(translated)).toEqual(['endpointsRecords discovery.k8s.io/EndpointSlice/default/v1'])
    expect(workOf(planned)).toEqual([
      'slicesOf endpoints/default/v1',
      'assignments local/backend/Service/default/v1/80/',
    ])
    expect(wire(edited)).toEqual(['ClusterLoadAssignment backend/Service/default/v1/80/'])
    expect((await rig.ask({ host: 'web-0.example.com', path: '/after' })).echo?.backend).toBe('v2')
    await edit('v1.yaml', service('v1'), endpointSlice('v1', rig.backends.v1.port))
  })

  it.each([
    ['a Service that no route names', service('idle'), '/Service/default/idle'],
    ['a Namespace', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'idle' } }, '/Namespace//idle'],
  ])('%s changes no record and no byte', async (_, unrelated, key) => {
    const [commits, messages] = [rig.view.ir.commits.length, rig.tap.messages.length]
    const published = await rig.publish(() => rig.write(`${unrelated['kind']}.yaml`, unrelated))
    expect(keys(published)).toEqual([key])
    // Channels are in order: what came of the object would have come before what comes of this edit.
    const { name, host } = routes[0] ?? { name: '', host: '' }
    const edited = await edit(fileOf(name), httpRoute(name, { host, path: `/${unrelated['kind']}` }))
    expect(rig.view.ir.commits.slice(commits).map(keys)).toEqual([[`http_rule/HTTPRoute/default/${name}/#0`]])
    expect(rig.tap.messages.slice(messages)).toEqual(edited.sent)
    expect(wire(edited)).toEqual([`RouteConfiguration ${tables.get(host)}`])
    expect(planned).toHaveLength(1)
  })

  it('a new route sends its table, then its scope; its removal takes both back', async () => {
    const host = 'new.example.com'
    const added = await edit('new.yaml', httpRoute('new', { host }))
    const [table, ...rest] = wire(added)
    expect(table).toMatch(new RegExp(`^RouteConfiguration ${rig.port}/`))
    expect(rest).toEqual([`ScopedRouteConfiguration ${rig.port}/${host}`])
    expect((await rig.ask({ host })).status).toBe(200)

    const removed = await rig.edit(() => rig.remove('new.yaml'))
    expect(wire(removed)).toEqual([table, `-ScopedRouteConfiguration ${rig.port}/${host}`])
    expect((await rig.ask({ host })).status).toBe(404)
  })
})
