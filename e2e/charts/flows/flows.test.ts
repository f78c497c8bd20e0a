// What the charts' NetworkPolicies let through: all that an installation needs, and nothing that it must not have. No rule of
// them is idle: each that is taken away or widened is noticed by one of the two tables.
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import type { Charts } from '@penstock/tools/helm'
import { openCharts } from '../open-charts.ts'
import { type KubeObject, namespace, render } from '../release.ts'
import { type Moment, momentsOf, ownProxy, policiesOf, world } from './places.ts'
import { type Flow, mayReach, type NetworkPolicy } from './reach.ts'
import { forbiddenFlows, neededFlows, type Situation } from './wanted.ts'
import { weakened } from './weakened.ts'

jest.setTimeout(120_000)

const services = ['watcher', 'translator', 'xds-server', 'agentgateway-server', 'status-reporter', 'infra-manager']
const usual = [443, 6443]

const monitoring = [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }]
const set = (values: Readonly<Record<string, unknown>>): string[] =>
  Object.entries(values).flatMap(([path, value]) => ['--set-json', `${path}=${JSON.stringify(value)}`])

const whole = (charts: Charts): Promise<readonly KubeObject[]> => render(charts, 'penstock')

const closed = (charts: Charts): Promise<readonly KubeObject[]> => {
  const proxies = [{ ipBlock: { cidr: '192.0.2.0/24' } }]
  const values = {
    'global.apiServerPorts': [16443],
    'global.nats.replicas': 3,
    ...Object.fromEntries([...services, 'nats'].map((chart) => [`${chart}.networkPolicy.metricsFrom`, monitoring])),
    'xds-server.proxies.from': proxies,
    'agentgateway-server.proxies.from': proxies,
  }
  return render(charts, 'penstock', ...set(values))
}

const ourPods = { podSelector: { matchLabels: { 'app.kubernetes.io/part-of': 'penstock' } } }

/** Each chart by itself, one beside NATS and the others in another namespace. */
async function apart(charts: Charts): Promise<readonly KubeObject[]> {
  const home = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } } }
  const clients = set({ 'networkPolicy.clientsFrom': [{ ...home, ...ourPods }] })
  const external = set({ 'global.externalNats.url': 'nats://nats.apart:4222' })
  const [beside = '', ...others] = services
  const parts = [
    render(charts, 'nats', '--namespace', 'apart', ...clients),
    render(charts, beside, '--namespace', 'apart', ...external),
    ...[...others, 'secrets'].map((chart) => render(charts, chart, ...external)),
  ]
  return (await Promise.all(parts)).flat()
}

type Installation = readonly [string, (charts: Charts) => Promise<readonly KubeObject[]>, Situation]

const installations: readonly Installation[] = [
  ['the whole, with no values', whole, { namespace, apiServerPorts: usual }],
  [
    'the whole, told who else there is',
    closed,
    { ...{ namespace, isClosed: true }, apiServerPorts: [16443], proxies: [ownProxy] },
  ],
  ['charts by themselves, with NATS elsewhere', apart, { namespace, apiServerPorts: usual }],
]

const said = ({ from, to, port, protocol }: Flow): string => `${from.name} → ${to.name}:${port}/${protocol}`

/** What is not as it must be. */
function wrongs({ places }: Moment, policies: readonly NetworkPolicy[], situation: Situation): string[] {
  return [
    ...neededFlows(places, situation).flatMap((flow) => (mayReach(policies, flow) ? [] : [`blocked: ${said(flow)}`])),
    ...forbiddenFlows(places, situation).flatMap((flow) => (mayReach(policies, flow) ? [`open: ${said(flow)}`] : [])),
  ]
}

let charts: Charts
beforeAll(async () => {
  charts = await openCharts()
})
afterAll(async () => charts?.[Symbol.asyncDispose]())

describe.each(installations)('the policies of %s', (_, install, situation) => {
  let moments: readonly Moment[]
  beforeAll(async () => {
    moments = momentsOf(await install(charts))
  })

  it('let through what is needed, and nothing that is forbidden', () => {
    expect(moments.flatMap((moment) => moment.places)).not.toHaveLength(0)
    expect(moments.flatMap((moment) => wrongs(moment, moment.policies, situation))).toEqual([])
  })

  it('have no rule, peer or port that could go or be wider, and nobody would notice', () => {
    const unnoticed = moments.flatMap((moment) =>
      weakened(moment.policies).flatMap(({ what, policies }) =>
        wrongs(moment, policies, situation).length === 0 ? [what] : [],
      ),
    )
    expect(unnoticed).toEqual([])
  })
})

it.each([
  ['nats://n', [4222]],
  ['tls://a:5222,b, nats://[2001:db8::7]:4333/', [4222, 4333, 5222]],
  ['nats://[2001:db8::7]', [4222]],
  ['a:4333,b:4333', [4333]],
])('a service reaches NATS at %s by its ports', async (url, ports) => {
  for (const from of ['global.externalNats.url', 'externalNats.url']) {
    const [moment] = momentsOf(await render(charts, 'translator', ...set({ [from]: url })))
    const [place] = moment?.places ?? []
    if (!moment || !place) throw new Error('the chart has no pod')
    const tried = [4221, 4222, 4333, 5222, 7]
    const open = tried.filter((port) => mayReach(moment.policies, { from: place, to: world, port, protocol: 'TCP' }))
    expect(open).toEqual(ports)
  }
})

// Values of an older release that helm reuses have no such ports; a rule without ports would be open.
it('a service with rights reaches the API server alone where its ports are not said', async () => {
  const [moment] = momentsOf(await render(charts, 'watcher', ...set({ 'global.apiServerPorts': null })))
  const situation = { namespace, apiServerPorts: usual }
  expect(moment && wrongs(moment, moment.policies, situation)).toEqual([])
})

it('nothing is left of them where they are switched off', async () => {
  const off = Object.fromEntries(
    [...services, 'nats', 'secrets'].map((chart) => [`${chart}.networkPolicy.enabled`, false]),
  )
  expect(policiesOf(await render(charts, 'penstock', ...set(off)))).toEqual([])
})
