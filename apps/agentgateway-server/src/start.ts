// The agentgateway plane, delivered. A proxy says by its role, `<namespace>~<gateway>`, which fleet it is of.
import type { Sealer } from '@penstock/bus'
import {
  createKeyOpener,
  createPlaneMetrics,
  type Delivery,
  type DeliveryOptions,
  startDelivery,
} from '@penstock/delivery'
import {
  type AgentgatewayPlane,
  agentgatewayPhases,
  createAgentgatewayPlane,
  ownWorkload,
  readRefusal,
} from '@penstock/plane-agentgateway'

export interface AgentgatewayServiceOptions extends Omit<DeliveryOptions, 'plane' | 'service'> {
  config: DeliveryOptions['config'] & { fleet: string }
  /** Opens the private keys of HTTPS listeners; without it those keys are held. */
  sealer: Sealer | undefined
}

export interface AgentgatewayService extends Delivery {
  readonly plane: AgentgatewayPlane
}

export async function startAgentgatewayServer({
  sealer,
  ...options
}: AgentgatewayServiceOptions): Promise<AgentgatewayService> {
  const plane = createAgentgatewayPlane({
    openKey: createKeyOpener(sealer),
    onRound: createPlaneMetrics(options.meter),
  })
  const delivery = await startDelivery({
    ...options,
    service: 'agentgateway-server',
    plane: {
      ...plane,
      name: 'agentgateway',
      proof: 'token',
      order: agentgatewayPhases,
      fleetOf: ({ metadata }) => options.config.fleet || roleOf(metadata),
      refusedIn: readRefusal,
      ownResources({ metadata }) {
        const own = ownWorkload(metadata)
        return own ? [own] : []
      },
    },
  })
  return { ...delivery, plane }
}

function roleOf({ role }: Readonly<Record<string, unknown>>): string | undefined {
  return typeof role === 'string' && /^[^~]+~[^~]+$/.test(role) ? role : undefined
}
