// Resources to Envoy's messages in one process: the translator's graph and the plane's, with the bus left out.
import { type Gateway, type Resource, resourceKey } from '@penstock/gateway-api'
import { equal } from '@penstock/incremental'
import type { FleetChange, IrRecord, Sealed } from '@penstock/ir'
import { agentgatewayCapabilities } from '@penstock/plane-agentgateway'
import { createEnvoyPlane, envoyCapabilities } from '@penstock/plane-envoy'
import { configYaml, type EnvoyResource, envoyYaml, statusYaml } from '@penstock/testkit'
import { createTranslation, type Translation } from '@penstock/translate'
import { defaults, nowMs, sealer } from './load-case.ts'

export const fleet = 'golden'

export interface ResourceChange {
  key: string
  value: Resource | undefined
}

export interface Pipeline {
  /** One transaction; returns what a proxy of the fleet would be sent. */
  apply(changes: readonly ResourceChange[]): FleetChange[]
  /** The text of every generated file of a case. */
  outputs(): Record<string, string>
}

function createGoldenTranslation(): Translation {
  return createTranslation({
    controllerName: 'penstock.dev/gateway-controller',
    capabilities: { envoy: envoyCapabilities, agentgateway: agentgatewayCapabilities },
    fleet,
  })
}

const anyGateway: Gateway = {
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'Gateway',
  metadata: { name: '-', uid: '', generation: 1, creationTimestamp: '' },
  spec: { gatewayClassName: 'penstock', listeners: [] },
}

/** What `_defaults.yaml` yields by itself, its class in use as in every case: it stands in no case's files. */
const everyCase = (() => {
  const { graph, apply, ir, status } = createGoldenTranslation()
  apply(defaults.map(([key, value]) => ({ key, value })))
  apply([{ key: resourceKey(anyGateway), value: anyGateway }])
  return { ir: graph.values(ir), status: graph.values(status) }
})()

function own<V>(records: ReadonlyMap<string, V>, inherited: ReadonlyMap<string, V>): ReadonlyMap<string, V> {
  return new Map([...records].filter(([key, value]) => !equal(inherited.get(key), value)))
}

export function createPipeline(): Pipeline {
  const translation = createGoldenTranslation()
  const plane = createEnvoyPlane({ openKey: (sealed: Sealed) => Buffer.from(sealer.open(sealed)).toString() })
  const resources = new Map<string, EnvoyResource>()
  const keep = (changes: readonly FleetChange[]): void => {
    for (const { typeUrl, name, resource } of changes) {
      if (resource) resources.set(`${typeUrl} ${name}`, { typeUrl, name, ...resource })
      else resources.delete(`${typeUrl} ${name}`)
    }
  }
  keep(plane.connect(fleet))
  return {
    apply(changes) {
      const round = translation.apply(changes, nowMs)
      const records = round.deltas<IrRecord>(translation.ir).map((delta) => ({ key: delta.key, record: delta.new }))
      const sent = plane.apply(records)
      keep(sent)
      return sent
    },
    outputs: () => ({
      'config.yaml': configYaml(own(translation.graph.values(translation.ir), everyCase.ir)),
      'status.yaml': statusYaml(own(translation.graph.values(translation.status), everyCase.status)),
      'envoy.yaml': envoyYaml(resources.values()),
    }),
  }
}
