// The Envoy plane, delivered. An Envoy says by its cluster which fleet it is of.
import type { Sealer } from '@penstock/bus'
import {
  createKeyOpener,
  createPlaneMetrics,
  type Delivery,
  type DeliveryOptions,
  startDelivery,
} from '@penstock/delivery'
import {
  bodiesOf,
  createEnvoyPlane,
  type EnvoyPlane,
  type EnvoyPlaneOptions,
  envoyPhases,
  envoyTypes,
} from '@penstock/plane-envoy'

export interface XdsServiceOptions
  extends Omit<DeliveryOptions, 'plane' | 'service'>,
    Pick<EnvoyPlaneOptions, 'sharedFrom'> {
  /** Opens the private keys of HTTPS listeners; without it those keys are held. */
  sealer: Sealer | undefined
}

export interface XdsService extends Delivery {
  readonly plane: EnvoyPlane
}

export async function startXdsServer({ sealer, sharedFrom, ...options }: XdsServiceOptions): Promise<XdsService> {
  const plane = createEnvoyPlane({
    ...{ openKey: createKeyOpener(sealer), onRound: createPlaneMetrics(options.meter) },
    ...(sharedFrom === undefined ? {} : { sharedFrom }),
  })
  const delivery = await startDelivery({
    ...options,
    service: 'xds-server',
    plane: {
      ...plane,
      name: 'envoy',
      proof: 'certificate',
      order: envoyPhases,
      ownBody: ({ metadata }) => bodiesOf(metadata),
      fleetOf: ({ cluster }) => (cluster === '' ? undefined : cluster),
      basisOf: ({ typeUrl, name }) =>
        hangsOnListener.has(typeUrl)
          ? { typeUrl: envoyTypes.listener, name: name.slice(0, name.indexOf('/')) }
          : undefined,
    },
  })
  return { ...delivery, plane }
}

/** Their names are `<listener>/<host>`: the proxy asks for them only once it has the listener. */
const hangsOnListener: ReadonlySet<string> = new Set([envoyTypes.table, envoyTypes.scope])
