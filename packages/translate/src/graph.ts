// The architecture of the translation, from the inputs to the outputs: who is made from what, and what each one reads
// beside it. Declarations only; the rules stand in the files that the functions come from.
import type {
  BackendTlsPolicy,
  ClusterTrustBundle,
  ConfigMap,
  CustomResourceDefinition,
  EndpointSlice,
  Gateway,
  GatewayClass,
  GatewayConfig,
  ListenerSet,
  Namespace,
  ReferenceGrant,
  Resource,
  SealedSecret,
  Service,
  UnservedKind,
} from '@penstock/gateway-api'
import { type Collection, createGraph, type Graph, type GraphOptions } from '@penstock/incremental'
import {
  certificateKey,
  type Infra,
  type IrKind,
  type IrRecord,
  type RequestCapabilities,
  type Status,
} from '@penstock/ir'
import { translateBackend } from './backend.ts'
import { securePort, translateTlsPolicy } from './backend-tls-policy.ts'
import { certificateDeadlines, certificateTrouble } from './certificate-validity.ts'
import type { Moment } from './deadlines.ts'
import {
  type GatewayOf,
  ofClaims,
  ofGrants,
  ofNamespace,
  ofOneGateway,
  ofOneObject,
  ofPlace,
  uncounted,
} from './doubts.ts'
import { translateEndpointSlice } from './endpoint-slice.ts'
import { fleetRecord, gatewayRecord, type OwnGateway, translateGateway } from './gateway.ts'
import { gatewayClassStatus, translateGatewayClass } from './gateway-class.ts'
import { gatewayParameters } from './gateway-config.ts'
import { gatewayStatus } from './gateway-status.ts'
import { pairsOf } from './grants.ts'
import { gatewayOfPort, portOfListenerSet, translateInfra } from './infra.ts'
import { bundleVersionOf, supportedVersion } from './installed-versions.ts'
import { keyOfListener, keyOfOwner } from './listener.ts'
import { placeOf, portOf, portOwner } from './listener-conflicts.ts'
import { placesOver } from './listener-overlaps.ts'
import { type OwnListenerSet, parentOf, translateListenerSet } from './listener-set.ts'
import { attachedTo, listenerSetStatus } from './listener-set-status.ts'
import { attachPoint, listenerRecord, translateListener } from './listener-state.ts'
import { capabilitiesOf, planeNames } from './planes.ts'
import { serviceUses, tlsPolicyStatus } from './policy-status.ts'
import { type Route, ruleRecords, translateRoute } from './route.ts'
import { routeParent } from './route-parents.ts'
import { checkCertificate, translateCertificate } from './secret.ts'
import { checkPort, servicePorts } from './service.ts'
import type { TranslationSettings } from './settings.ts'
import { areTrustBundlesServed, bundlesOf, checkTrust, type TrustCheck, translateTrustBundle } from './trust-bundle.ts'

export function declareGraph(settings: TranslationSettings, options?: GraphOptions) {
  const graph = createGraph(options)
  const inputs = declareInputs(graph)
  const views = declareViews(graph, inputs, settings)
  const gateways = declareGateways(graph, inputs, views, settings)
  const listeners = declareListeners(graph, { ...inputs, ...views, ...gateways }, settings)
  const routes = declareRoutes(graph, { ...inputs, ...views, ...gateways, ...listeners }, settings)
  const backends = declareBackends(graph, { ...inputs, ...views, ...routes })
  const trust = declareTrust(graph, { ...views, ...listeners, ...backends })
  const statuses = declareStatuses(graph, { ...inputs, ...views, ...gateways, ...listeners, ...routes }, settings)
  const records: Readonly<Record<IrKind, Collection<IrRecord>>> = {
    fleet: gateways.fleetRecords,
    gateway: gateways.gatewayRecords,
    listener: listeners.listenerRecords,
    certificate: listeners.certificateRecords,
    trust_bundle: trust.trustBundleRecords,
    http_rule: routes.httpRuleRecords,
    backend: backends.backendRecords,
    endpoints: backends.endpointsRecords,
  }
  const ir = graph.union('ir', Object.values(records))
  const status = graph.union<Status>('status', Object.values(statuses))
  const { infra, unsureFleets } = declareInfra(graph, { ...gateways, ...listeners }, settings)
  return { graph, inputs, records, ir, status, infra, unsureFleets, deadlines: views.deadlines }
}

/** The objects as the watcher read them, by their text key. */
function declareInputs(graph: Graph) {
  return {
    customResourceDefinitions: graph.input<CustomResourceDefinition>('customResourceDefinitions'),
    gatewayClasses: graph.input<GatewayClass>('gatewayClasses'),
    gatewayConfigs: graph.input<GatewayConfig>('gatewayConfigs'),
    gateways: graph.input<Gateway>('gateways'),
    listenerSets: graph.input<ListenerSet>('listenerSets'),
    /** HTTPRoutes and GRPCRoutes. */
    routes: graph.input<Route>('routes'),
    services: graph.input<Service>('services'),
    endpointSlices: graph.input<EndpointSlice>('endpointSlices'),
    secrets: graph.input<SealedSecret>('secrets'),
    configMaps: graph.input<ConfigMap>('configMaps'),
    clusterTrustBundles: graph.input<ClusterTrustBundle>('clusterTrustBundles'),
    tlsPolicies: graph.input<BackendTlsPolicy>('tlsPolicies'),
    referenceGrants: graph.input<ReferenceGrant>('referenceGrants'),
    namespaces: graph.input<Namespace>('namespaces'),
    /** No objects: the kinds that the API server lacks. */
    unservedKinds: graph.input<UnservedKind>('unservedKinds'),
    /** Not an object: where each deadline stands. */
    moments: graph.input<Moment>('moments'),
  }
}
type Inputs = ReturnType<typeof declareInputs>

/** What others see of them: small, so that an edit which does not concern a reader does not reach it. */
function declareViews(graph: Graph, inputs: Inputs, { capabilities, certificateWarningMs }: TranslationSettings) {
  const deadlines = (secret: SealedSecret, key: string) => certificateDeadlines(secret, key, certificateWarningMs)
  const trustHolders = graph.union<Resource>('trustHolders', [
    inputs.configMaps,
    inputs.secrets,
    inputs.clusterTrustBundles,
  ])
  const trustChecks = graph.derive('trustChecks', trustHolders, checkTrust)
  return {
    trustHolders,
    trustChecks,
    ...declarePorts(graph, { ...inputs, trustChecks }, capabilitiesOf(planeNames, capabilities)),
    namespaceLabels: graph.derive('namespaceLabels', inputs.namespaces, ({ metadata }) => metadata.labels),
    certificateChecks: graph.derive('certificateChecks', inputs.secrets, checkCertificate),
    deadlines: graph.spread('deadlines', inputs.secrets, deadlines, ofOneObject),
    certificateTroubles: graph.derive('certificateTroubles', inputs.secrets, (secret, key, read) =>
      certificateTrouble(secret, key, read, inputs),
    ),
    grants: graph.index('grants', inputs.referenceGrants, pairsOf, ofGrants),
    parameters: graph.derive('parameters', inputs.gatewayConfigs, gatewayParameters),
    crdVersions: graph.index('crdVersions', inputs.customResourceDefinitions, bundleVersionOf),
  }
}
type Views = ReturnType<typeof declareViews>

/** The ports of Services, and what policies make of the connections to them. */
function declarePorts(
  graph: Graph,
  { services, tlsPolicies, trustChecks, unservedKinds }: Inputs & { trustChecks: Collection<TrustCheck> },
  plane: RequestCapabilities,
) {
  const ports = graph.spread('ports', services, servicePorts, ofOneObject)
  const portsByService = graph.index('portsByService', ports, ({ service }) => [service], ofPlace)
  const readPolicies = graph.derive('readPolicies', tlsPolicies, (policy, _, read) =>
    translateTlsPolicy(policy, read, { trustChecks, unservedKinds }, plane),
  )
  const tlsPoliciesByPlace = graph.index(
    'tlsPoliciesByPlace',
    readPolicies,
    ({ targets }) => targets.flatMap(({ place }) => place ?? []),
    ofNamespace,
  )
  const securedPorts = graph.derive('securedPorts', ports, ({ service, name }, _, read) =>
    securePort(service, name, read, { tlsPoliciesByPlace }),
  )
  const portChecks = graph.derive('portChecks', ports, (port, key, read) =>
    checkPort(port, read.get(securedPorts, key) !== undefined, plane),
  )
  return { portsByService, readPolicies, tlsPoliciesByPlace, securedPorts, portChecks }
}

/** Our classes, the Gateways that belong to them, and the ListenerSets of these. */
function declareGateways(
  graph: Graph,
  { gatewayClasses, gateways, listenerSets }: Inputs,
  { namespaceLabels, parameters, certificateChecks, grants }: Views,
  settings: TranslationSettings,
) {
  const ownClasses = graph.derive('ownClasses', gatewayClasses, (gatewayClass, _, read) =>
    translateGatewayClass(gatewayClass, read, { parameters }, settings),
  )
  const ownGateways = graph.derive('ownGateways', gateways, (gateway, _, read) =>
    translateGateway(gateway, read, { ownClasses, parameters, certificateChecks, grants }, settings),
  )
  const listenerSetHomes = graph.derive('listenerSetHomes', ownGateways, ({ listenerSets: home }) => home)
  const ownListenerSets = graph.derive('ownListenerSets', listenerSets, (listenerSet, _, read) =>
    translateListenerSet(listenerSet, read, { listenerSetHomes, namespaceLabels }, settings),
  )
  const listenerOwners = graph.union<OwnGateway | OwnListenerSet>('listenerOwners', [ownGateways, ownListenerSets])
  const routeParents = graph.derive('routeParents', listenerOwners, routeParent)
  const fleetRecords = graph.spread('fleetRecords', ownGateways, (gateway) => [fleetRecord(gateway)])
  const gatewayRecords = graph.spread('gatewayRecords', ownGateways, (gateway) => [gatewayRecord(gateway)], ofOneObject)
  const gatewayOf: GatewayOf = (key) => {
    // Asked in the middle of a transaction, when `values` answers nobody.
    const listenerSet = graph.explain(listenerSets, key).value as ListenerSet | undefined
    const gateway = listenerSet && parentOf(listenerSet)
    return gateway && `${gateway.namespace}/${gateway.name}`
  }
  const owners = { ownGateways, ownListenerSets, listenerOwners, gatewayOf }
  return { ownClasses, ...owners, routeParents, fleetRecords, gatewayRecords }
}
type Gateways = ReturnType<typeof declareGateways>

/** What each listener claims, then who wins, then whether it serves. */
function declareListeners(
  graph: Graph,
  {
    secrets,
    certificateChecks,
    trustChecks,
    unservedKinds,
    grants,
    ownGateways,
    listenerOwners,
    gatewayOf,
  }: Inputs & Views & Gateways,
  { fleet }: TranslationSettings,
) {
  const listenerClaims = graph.spread(
    'listenerClaims',
    listenerOwners,
    ({ listeners }) => listeners.map((claim) => [keyOfListener(claim), claim] as const),
    ofOneObject,
  )
  const claimsByPlace = graph.index('claimsByPlace', listenerClaims, placeOf, ofClaims(fleet, gatewayOf))
  const claimsByPort = graph.index('claimsByPort', listenerClaims, portOf, ofClaims(fleet, gatewayOf))
  const claimsUnder = graph.index('claimsUnder', listenerClaims, placesOver, ofClaims(fleet, gatewayOf))
  const portOwners = graph.derive('portOwners', claimsByPort.keys, (_, port, read) =>
    portOwner(read.lookup(claimsByPort, port)),
  )
  const portProtocols = graph.derive('portProtocols', portOwners, ({ protocol }) => protocol)
  const listeners = graph.derive('listeners', listenerClaims, (claim, _, read) =>
    translateListener(claim, read, {
      claimsByPlace,
      portOwners,
      portProtocols,
      certificateChecks,
      trustChecks,
      unservedKinds,
      grants,
    }),
  )
  const listenerRecords = graph.derive('listenerRecords', listeners, (listener, _, read) =>
    listenerRecord(listener, read, { listenerOwners }),
  )
  const certificatesOfListeners = graph.index('certificatesOfListeners', listeners, ({ certificates, serving }) =>
    serving ? certificates.map(certificateKey) : [],
  )
  const certificatesOfGateways = graph.index('certificatesOfGateways', ownGateways, ({ backendCertificate }) =>
    backendCertificate ? [certificateKey(backendCertificate)] : [],
  )
  const certificatesInUse = graph.union('certificatesInUse', [
    certificatesOfListeners.keys,
    certificatesOfGateways.keys,
  ])
  const certificateRecords = graph.derive('certificateRecords', certificatesInUse, (_, key, read) =>
    translateCertificate(key, read, { secrets }),
  )
  const attachPoints = graph.derive('attachPoints', listeners, attachPoint)
  return { listeners, listenerRecords, certificateRecords, attachPoints, claimsByPlace, claimsUnder }
}
type Listeners = ReturnType<typeof declareListeners>

/** Where each route attaches, and what its rules do. */
function declareRoutes(
  graph: Graph,
  below: Inputs & Views & Gateways & Listeners,
  { capabilities }: TranslationSettings,
) {
  const { attachPoints, grants, namespaceLabels, portChecks, routeParents, routes, services } = below
  const attachPointsByOwner = graph.index(
    'attachPointsByOwner',
    attachPoints,
    ({ owner }) => [keyOfOwner(owner)],
    ofOneObject,
  )
  const from = { routeParents, attachPoints, attachPointsByOwner, namespaceLabels, portChecks, services, grants }
  const translatedRoutes = graph.derive('translatedRoutes', routes, (route, _, read) =>
    translateRoute(route, { read, from, capabilities }),
  )
  const httpRuleRecords = graph.spread('httpRuleRecords', translatedRoutes, ruleRecords, ofOneObject)
  const attachedRoutes = graph.index('attachedRoutes', translatedRoutes, ({ attachedTo }) => attachedTo, uncounted)
  return { translatedRoutes, httpRuleRecords, attachedRoutes }
}
type Routes = ReturnType<typeof declareRoutes>

/** The backends in use. Endpoints go past them and past routes. */
function declareBackends(
  graph: Graph,
  { services, endpointSlices, securedPorts, translatedRoutes }: Inputs & Views & Routes,
) {
  const backendsInUse = graph.index('backendsInUse', translatedRoutes, ({ backends }) => backends)
  const backendRecords = graph.derive('backendRecords', backendsInUse.keys, (_, key, read) =>
    translateBackend(key, read, { services, securedPorts }),
  )
  const endpointsRecords = graph.spread('endpointsRecords', endpointSlices, translateEndpointSlice, ofOneObject)
  return { backendRecords, endpointsRecords }
}

/** The authorities that listeners and backends in use trust. */
function declareTrust(
  graph: Graph,
  { trustHolders, listenerRecords, backendRecords }: Views & Listeners & ReturnType<typeof declareBackends>,
) {
  const bundlesInUse = graph.union('bundlesInUse', [
    graph.index('bundlesOfListeners', listenerRecords, bundlesOf).keys,
    graph.index('bundlesOfBackends', backendRecords, bundlesOf).keys,
  ])
  const trustBundleRecords = graph.derive('trustBundleRecords', bundlesInUse, (_, key, read) =>
    translateTrustBundle(key, read, { trustHolders }),
  )
  return { trustBundleRecords }
}

/** What must run for each fleet of ours; where the fleet is given, its proxies are not ours to run. */
function declareInfra(
  graph: Graph,
  { ownGateways, listeners, gatewayOf }: Gateways & Listeners,
  { fleet }: TranslationSettings,
) {
  const marks = ofOneGateway(gatewayOf)
  const openPorts = graph.index('openPorts', listeners, portOfListenerSet, marks)
  const byGateway = (_: true, port: string) => [gatewayOfPort(port)]
  const portsOfListenerSets = graph.index('portsOfListenerSets', openPorts.keys, byGateway, marks)
  const managed = graph.derive('managedGateways', ownGateways, (gateway, _, read) =>
    fleet === undefined ? translateInfra(gateway, read, { listeners, portsOfListenerSets }) : undefined,
  )
  const infra = graph.spread<Infra, Infra>('infra', managed, (record) => [[record.fleet, record]])
  const unsureFleets = graph.index('unsureFleets', ownGateways, ({ fleet: name, parameterProblems }) =>
    fleet === undefined && parameterProblems.length > 0 ? [name] : [],
  )
  return { infra, unsureFleets: unsureFleets.keys }
}

/** What the owner of each object is told. */
function declareStatuses(
  graph: Graph,
  below: Inputs & Views & Gateways & Listeners & Routes,
  settings: TranslationSettings,
) {
  const gatewaysByClass = graph.index('gatewaysByClass', below.gateways, ({ spec }) => [spec.gatewayClassName])
  const { attachedRoutes, certificateTroubles, claimsByPlace, claimsUnder, listeners } = below
  const { crdVersions, gatewayClasses, ownClasses, ownGateways } = below
  const acceptedListenerSets = graph.derive('acceptedListenerSets', below.ownListenerSets, (listenerSet, _, read) =>
    attachedTo(listenerSet, read, { listeners }),
  )
  const attachedListenerSets = graph.index('attachedListenerSets', acceptedListenerSets, (key) => [key], uncounted)
  const from = { listeners, attachedRoutes, attachedListenerSets, certificateTroubles, claimsByPlace, claimsUnder }
  const { portsByService, tlsPoliciesByPlace } = below
  const uses = graph.spread('serviceUses', below.translatedRoutes, serviceUses)
  const usesByService = graph.index('usesByService', uses, ({ service }) => [service])
  return {
    classStatus: graph.derive('classStatus', gatewayClasses, (gatewayClass, key, read) => {
      const inUse = read.get(gatewaysByClass.keys, gatewayClass.metadata.name) ?? false
      const version = supportedVersion(read, { crdVersions })
      const servesTrustBundles = areTrustBundlesServed(read, below)
      const view = { own: read.get(ownClasses, key), inUse, version, servesTrustBundles }
      return gatewayClassStatus(gatewayClass, view, settings)
    }),
    gatewayStatus: graph.derive('gatewayStatus', ownGateways, (gateway, _, read) => gatewayStatus(gateway, read, from)),
    listenerSetStatus: graph.derive('listenerSetStatus', below.ownListenerSets, (listenerSet, _, read) =>
      listenerSetStatus(listenerSet, read, from),
    ),
    routeStatus: graph.derive('routeStatus', below.translatedRoutes, ({ status }) => status),
    policyStatus: graph.derive('policyStatus', below.readPolicies, (policy, _, read) =>
      tlsPolicyStatus(policy, read, { usesByService, portsByService, tlsPoliciesByPlace }),
    ),
  }
}
