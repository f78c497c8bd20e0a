// Every field that the specification has and Penstock does not serve yet. A field is never passed over in silence: it
// might restrict something. (Filter types have a table of their own, filters.ts.)
import type {
  ConditionReason,
  Gateway,
  GatewayListener,
  GrpcRoute,
  HttpRoute,
  ListenerSetListener,
} from '@penstock/gateway-api'
import type { RequestCapabilities } from '@penstock/ir'
import { validationFeature } from './frontend-tls.ts'
import type { Problem } from './problem.ts'

export interface Refusal<T, R extends string> {
  readonly field: string
  readonly reason: R
  readonly isSet: (value: T) => boolean
  /** What of the field is told, where its name does not tell enough. */
  readonly partsOf?: (value: T) => readonly string[]
}

export const refusedOfGateway: readonly Refusal<
  Pick<Gateway, 'spec'> & { readonly plane: RequestCapabilities },
  ConditionReason<'Gateway', 'Accepted'>
>[] = [
  {
    field: 'spec.tls.backend',
    reason: 'Invalid',
    isSet: ({ spec, plane }) => isFilled(spec.tls?.backend) && !plane.features.has('GatewayBackendClientCertificate'),
  },
  { field: 'spec.defaultScope', reason: 'Invalid', isSet: ({ spec }) => (spec.defaultScope ?? 'None') !== 'None' },
]

export interface ListenerContext {
  readonly listener: GatewayListener | ListenerSetListener
  /** Whether its Gateway asks clients for certificates there. */
  readonly validatesClients: boolean
  readonly capabilities: RequestCapabilities
}

/** Fields of a listener, and those of its Gateway that touch it. */
export const refusedOfListener: readonly Refusal<ListenerContext, ConditionReason<'Listener', 'Accepted'>>[] = [
  {
    field: 'filters',
    reason: 'UnsupportedValue',
    isSet: ({ listener }) => isFilled(listener.filters?.requests),
    // GEP-5224: by type and place in the list.
    partsOf: ({ listener }) =>
      (listener.filters?.requests ?? []).map(({ type }, at) => `filters.requests[${at}] of type ${type}`),
  },
  { field: 'tls.options', reason: 'UnsupportedValue', isSet: ({ listener }) => isFilled(listener.tls?.options) },
  {
    field: 'tls.mode other than Terminate',
    reason: 'UnsupportedValue',
    isSet: ({ listener }) => (listener.tls?.mode ?? 'Terminate') !== 'Terminate',
  },
  {
    field: "the validation of client certificates (the Gateway's spec.tls.frontend)",
    reason: 'UnsupportedValue',
    isSet: ({ validatesClients, capabilities }) => validatesClients && !capabilities.features.has(validationFeature),
  },
]

export const refusedOfRoute: readonly Refusal<HttpRoute | GrpcRoute, 'UnsupportedValue'>[] = [
  {
    field: 'spec.useDefaultGateways',
    reason: 'UnsupportedValue',
    isSet: ({ spec }) => (spec.useDefaultGateways ?? 'None') !== 'None',
  },
]

/** `owner` starts the sentence: `Gateway default/gw`, or a place in an object. */
export function refusals<T, R extends string>(
  table: readonly Refusal<T, R>[],
  value: T,
  owner: string,
): readonly Problem<R>[] {
  return table
    .filter(({ isSet }) => isSet(value))
    .map(({ field, reason, partsOf = () => [field] }) => {
      const parts = partsOf(value).join(' and ')
      return { reason, message: `${owner} sets ${parts}, which Penstock does not support yet.` }
    })
}

function isFilled(value: object | undefined): boolean {
  return value !== undefined && Object.keys(value).length > 0
}
