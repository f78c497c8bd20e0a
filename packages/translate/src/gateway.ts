// Gateway: ours if its class is; which fleet serves it, and what it claims (Gateway API: GatewaySpec).
import { agePrecedence, type Gateway, type NamespaceRule, objectKey } from '@penstock/gateway-api'
import type { Collection, Read } from '@penstock/incremental'
import {
  type CertificateReference,
  fleetKey,
  gatewayKey,
  type IrRecord,
  type PlaneName,
  type Source,
} from '@penstock/ir'
import { type Addresses, addressesOf } from './addresses.ts'
import { resolveBackendCertificate } from './backend-certificate.ts'
import type { CertificateSources } from './certificate-refs.ts'
import { laxPlaces, validationFeature } from './frontend-tls.ts'
import type { OwnClass } from './gateway-class.ts'
import type { GatewayParameters } from './gateway-config.ts'
import { type ParametersOfGateway, parametersOfGateway } from './gateway-parameters.ts'
import { claimListener, type ListenerClaim, type ListenerHome } from './listener.ts'
import { withConflicts } from './listener-conflicts.ts'
import { capabilitiesOf } from './planes.ts'
import type { Problem } from './problem.ts'
import { sortedMap, telemetryOf } from './proxy-parameters.ts'
import { refusals, refusedOfGateway } from './refused.ts'
import type { TranslationSettings } from './settings.ts'
import { nameOf, sourceOf } from './source.ts'

export interface OwnGateway extends ParametersOfGateway {
  readonly source: Source
  readonly fleet: string
  /** Why it is not accepted as a whole; then none of its listeners serves. */
  readonly problems: readonly Problem[]
  /** Shown to backends. */
  readonly backendCertificate?: CertificateReference
  /** Why ResolvedRefs is False, but for listeners. */
  readonly unresolved: readonly Problem[]
  /** Where clients are let in without a valid certificate. */
  readonly laxPlaces: readonly string[]
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly addresses: Addresses
  readonly listenerSets: ListenerSetHome
  /** In the order of the spec. */
  readonly listeners: readonly ListenerClaim[]
}

/** What ListenerSets need to know of a Gateway. It does not change with its generation. */
export interface ListenerSetHome
  extends Pick<ListenerHome, 'gateway' | 'fleet' | 'precedence' | 'gatewayAccepted' | 'frontend'> {
  /** Whose capabilities count. */
  readonly planes: readonly PlaneName[]
  /** From where they may come. */
  readonly allowed: NamespaceRule
}

export function translateGateway(
  gateway: Gateway,
  read: Read,
  from: CertificateSources & {
    readonly ownClasses: Collection<OwnClass>
    readonly parameters: Collection<GatewayParameters>
  },
  { fleet: mergedFleet, capabilities: ofPlanes }: TranslationSettings,
): OwnGateway | undefined {
  const { gatewayClassName, infrastructure, allowedListeners, tls } = gateway.spec
  const ownClass = read.get(from.ownClasses, classKey(gatewayClassName))
  if (ownClass === undefined) return undefined
  const source = sourceOf(gateway)
  const parameters = parametersOfGateway(gateway, ownClass, read, { ...from, capabilities: ofPlanes })
  const { plane, planes } = parameters
  const capabilities = capabilitiesOf(planes, ofPlanes)
  const addresses = addressesOf(gateway, nameOf(source), mergedFleet === undefined)
  const refused = refusals(refusedOfGateway, { spec: gateway.spec, plane: capabilities }, nameOf(source))
  const problems = [...addresses.problems, ...refused]
  const shown = resolveBackendCertificate(gateway, source, read, from)
  const fleet = mergedFleet === undefined ? `${source.namespace}~${source.name}` : fleetOfPlane(mergedFleet, plane)
  const place = { namespace: source.namespace, name: source.name }
  const home = {
    gateway: place,
    fleet,
    precedence: agePrecedence(gateway.metadata),
    gatewayAccepted: problems.length === 0,
    frontend: tls?.frontend,
  }
  const owner = { kind: 'Gateway' as const, ...place }
  const ofListeners = { ...home, owner, capabilities }
  return {
    ...parameters,
    source,
    fleet,
    problems,
    ...(shown.certificate ? { backendCertificate: shown.certificate } : {}),
    unresolved: shown.problems,
    laxPlaces: capabilities.features.has(validationFeature) ? laxPlaces(tls?.frontend) : [],
    labels: sortedMap(infrastructure?.labels),
    annotations: sortedMap(infrastructure?.annotations),
    addresses,
    listenerSets: { ...home, planes, allowed: { from: 'None', ...allowedListeners?.namespaces } },
    listeners: withConflicts(gateway.spec.listeners.map((listener) => claimListener(listener, ofListeners))),
  }
}

/** Proxies of two kinds are no fleet. */
const fleetOfPlane = (merged: string, plane: PlaneName): string => (plane === 'envoy' ? merged : `${merged}-${plane}`)

/** A fleet that several Gateways share has the first of them as its source, whose word also counts for what is logged. */
export function fleetRecord({ source, fleet, plane, parameters }: OwnGateway): readonly [string, IrRecord] {
  const telemetry = telemetryOf(parameters)
  const value = { source, name: fleet, plane, ...(telemetry ? { telemetry } : {}) }
  return [fleetKey(value), { kind: 'fleet', value }]
}

export function gatewayRecord({
  source,
  fleet,
  addresses,
  labels,
  annotations,
  backendCertificate,
}: OwnGateway): readonly [string, IrRecord] {
  const { namespace, name } = source
  const value = {
    source,
    namespace,
    name,
    fleet,
    addresses: [...addresses.requested],
    labels,
    annotations,
    backendCertificate,
  }
  return [gatewayKey(value), { kind: 'gateway', value }]
}

const classKey = (name: string): string =>
  objectKey({ group: 'gateway.networking.k8s.io', kind: 'GatewayClass', namespace: '', name })
