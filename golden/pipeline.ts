// Resources to Envoy's messages in one process: the translator's graph and the plane's, with the bus left out.
import type { Resource } from '@penstock/gateway-api'
import type { IrRecord, Sealed } from '@penstock/ir'
import { createEnvoyPlane, envoyCapabilities, type FleetChange } from '@penstock/plane-envoy'
import { configYaml, type EnvoyResource, envoyYaml, statusYaml } from '@penstock/testkit'
import { createTranslation } from '@penstock/translate'
import { sealer } from './load-case.ts'

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

export function createPipeline(): Pipeline {
  const translation = createTranslation({
    controllerName: 'penstock.dev/gateway-controller',
    capabilities: { envoy: envoyCapabilities },
    fleet,
  })
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
      const round = translation.apply(changes)
      const records = round.deltas<IrRecord>(translation.ir).map((delta) => ({ key: delta.key, record: delta.new }))
      const sent = plane.apply(records)
      keep(sent)
      return sent
    },
    outputs: () => ({
      'config.yaml': configYaml(translation.graph.values(translation.ir)),
      'status.yaml': statusYaml(translation.graph.values(translation.status)),
      'envoy.yaml': envoyYaml(resources.values()),
    }),
  }
}
