// Resources to a plane's messages in one process: the translator's graph and the plane's, with the bus left out.
import { type Gateway, type Resource, resourceKey } from '@penstock/gateway-api'
import { equal } from '@penstock/incremental'
import {
  type FleetChange,
  type Infra,
  type IrRecord,
  kindOf,
  type Plane,
  type PlaneName,
  type RecordChange,
  type Sealed,
  type Status,
} from '@penstock/ir'
import { agentgatewayCapabilities, createAgentgatewayPlane } from '@penstock/plane-agentgateway'
import { createEnvoyPlane, envoyCapabilities } from '@penstock/plane-envoy'
import { agentgatewayYaml, configYaml, envoyYaml, infraYaml, type PlaneResource, statusYaml } from '@penstock/testkit'
import { createTranslation, type Translation } from '@penstock/translate'
import { defaults, nowMs, sealer } from './load-case.ts'

/** Of the cases whose proxies are not ours to run: all of their Gateways share it. */
export const fleet = 'golden'

/** That of all proxies of the plane. */
export const fleetOfPlane = (plane: PlaneName): string => planes[plane].fleet

export interface ResourceChange {
  key: string
  value: Resource | undefined
}

export interface Pipeline {
  /** One transaction; returns what a proxy of the case would be sent. */
  apply(changes: readonly ResourceChange[]): FleetChange[]
  /** What a proxy of the case has. */
  resources(): PlaneResource[]
  /** The text of every generated file of a case that this plane has a part in. */
  outputs(): Record<string, string>
  /** What that text is made of, by kind and key: cheaper to compare. */
  records(): Record<string, unknown>
}

export interface PipelineOptions {
  /** How many HTTPS listeners of a port share a filter chain, of an Envoy. */
  readonly sharedFrom?: number
  /** Its proxies are ours to run: each Gateway has its own. */
  readonly managed?: boolean
}

interface PlaneSetup {
  /** All proxies are of it. */
  readonly fleet: string
  create(options: Pick<PipelineOptions, 'sharedFrom'> & { openKey(sealed: Sealed): string }): Plane
  /** By file: what differs by plane. */
  files(resources: Iterable<PlaneResource>, status: string): Record<string, string>
}

const planes: Readonly<Record<PlaneName, PlaneSetup>> = {
  envoy: {
    fleet,
    create: createEnvoyPlane,
    files: (resources, status) => ({ 'status.yaml': status, 'envoy.yaml': envoyYaml(resources) }),
  },
  agentgateway: {
    fleet: `${fleet}-agentgateway`,
    create: createAgentgatewayPlane,
    files: (resources, status) => ({
      'status.agentgateway.yaml': status,
      'agentgateway.yaml': agentgatewayYaml(resources),
    }),
  },
}

function createGoldenTranslation(plane: PlaneName, managed: boolean): Translation {
  return createTranslation({
    controllerName: 'penstock.dev/gateway-controller',
    capabilities: { envoy: envoyCapabilities, agentgateway: agentgatewayCapabilities },
    plane,
    ...(managed ? {} : { fleet }),
  })
}

const anyGateway: Gateway = {
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'Gateway',
  metadata: { name: '-', uid: '', generation: 1, creationTimestamp: '' },
  spec: { gatewayClassName: 'penstock', listeners: [] },
}

interface Shown {
  readonly ir: ReadonlyMap<string, IrRecord>
  readonly status: ReadonlyMap<string, Status>
}

/** What `_defaults.yaml` yields by itself, its class in use as in every case: it stands in no case's files. */
function inheritedBy(plane: PlaneName, managed: boolean): Shown {
  const { graph, apply, ir, status } = createGoldenTranslation(plane, managed)
  apply(defaults.map(([key, value]) => ({ key, value })))
  apply([{ key: resourceKey(anyGateway), value: anyGateway }])
  return { ir: graph.values(ir), status: unsuffixed(graph.values(status), planes[plane].fleet) }
}

const byPlane = (managed: boolean): Readonly<Record<PlaneName, Shown>> => ({
  envoy: inheritedBy('envoy', managed),
  agentgateway: inheritedBy('agentgateway', managed),
})
const inherited = { shared: byPlane(false), managed: byPlane(true) }

/** With the name of the fleet as it is for Envoy, so that what differs is what the planes can do. */
function unsuffixed(status: ReadonlyMap<string, Status>, named: string): ReadonlyMap<string, Status> {
  const rename = (one: Status): Status => JSON.parse(JSON.stringify(one).replaceAll(named, fleet)) as Status
  return new Map([...status].map(([key, one]) => [key, rename(one)]))
}

function own<V>(records: ReadonlyMap<string, V>, others: ReadonlyMap<string, V>): ReadonlyMap<string, V> {
  return new Map([...records].filter(([key, value]) => !equal(others.get(key), value)))
}

export function createPipeline(name: PlaneName = 'envoy', options: PipelineOptions = {}): Pipeline {
  const { managed = false, ...ofPlane } = options
  const { create, files, ...setup } = planes[name]
  const { graph, ir, status, infra, ...translation } = createGoldenTranslation(name, managed)
  const others = inherited[managed ? 'managed' : 'shared'][name]
  const plane = create({ ...ofPlane, openKey: (sealed) => Buffer.from(sealer.open(sealed)).toString() })
  const resources = new Map<string, PlaneResource & { readonly fleet: string }>()
  const keep = (changes: readonly FleetChange[]): FleetChange[] => {
    for (const { fleet, typeUrl, name, resource } of changes) {
      if (resource) resources.set(`${typeUrl} ${name}`, { fleet, typeUrl, name, ...resource })
      else resources.delete(`${typeUrl} ${name}`)
    }
    return [...changes]
  }
  /** Proxies come as soon as there is something to come for, and go when it is for those of another plane. */
  const comeOrGo = ({ key, record }: RecordChange): FleetChange[] => {
    if (kindOf(key) !== 'fleet') return []
    const at = key.slice('fleet/'.length)
    if (record?.kind === 'fleet' && record.value.plane === name) return plane.connect(at)
    plane.disconnect(at)
    const left = [...resources.values()].filter((resource) => resource.fleet === at)
    return left.map((resource) => ({ fleet: at, typeUrl: resource.typeUrl, name: resource.name, sources: [] }))
  }
  return {
    apply(changes) {
      const round = translation.apply(changes, nowMs)
      const records = round.deltas<IrRecord>(ir).map((delta) => ({ key: delta.key, record: delta.new }))
      return [...keep(plane.apply(records)), ...keep(records.flatMap(comeOrGo))]
    },
    resources: () => [...resources.values()],
    records: () => ({
      ...Object.fromEntries(graph.values(ir)),
      ...Object.fromEntries([...graph.values(status)].map(([key, one]) => [`status ${key}`, one])),
      ...Object.fromEntries(resources),
    }),
    outputs: () => ({
      ...(name === 'envoy' ? { 'config.yaml': configYaml(own(graph.values(ir), others.ir)) } : {}),
      ...(name === 'envoy' ? { 'infra.yaml': infraYaml(graph.values<Infra>(infra)) } : {}),
      ...files(resources.values(), statusYaml(own(unsuffixed(graph.values(status), setup.fleet), others.status))),
    }),
  }
}
