// The architecture of the translation, from the inputs at the top to the outputs at the bottom: who is made from what,
// and what each one reads beside it. Declarations only; the rules stand in the files that the functions come from.
import type {
  EndpointSlice,
  Gateway,
  GatewayClass,
  HttpRoute,
  Namespace,
  ReferenceGrant,
  SealedSecret,
  Service,
} from '@penstock/gateway-api'
import { createGraph, type GraphOptions } from '@penstock/incremental'
import { certificateKey, type IrRecord, type Status } from '@penstock/ir'
import { translateBackend } from './backend.ts'
import { translateEndpointSlice } from './endpoint-slice.ts'
import { fleetRecord, gatewayRecord, translateGateway } from './gateway.ts'
import { gatewayClassStatus, translateGatewayClass } from './gateway-class.ts'
import { gatewayStatus } from './gateway-status.ts'
import { pairsOf } from './grants.ts'
import { httpRuleRecords, translateHttpRoute } from './http-route.ts'
import { keyOfGateway, keyOfListener } from './listener.ts'
import { placeOf, portOf, portOwner } from './listener-conflicts.ts'
import { attachPoint, listenerRecord, translateListener } from './listener-state.ts'
import { checkCertificate, translateCertificate } from './secret.ts'
import { servicePorts } from './service.ts'
import type { TranslationSettings } from './settings.ts'

export function declareGraph(settings: TranslationSettings, options?: GraphOptions) {
  const graph = createGraph(options)
  const { capabilities, controllerName } = settings

  // Inputs: the objects as the watcher read them, by their text key.
  const gatewayClasses = graph.input<GatewayClass>('gatewayClasses')
  const gateways = graph.input<Gateway>('gateways')
  const httpRoutes = graph.input<HttpRoute>('httpRoutes')
  const services = graph.input<Service>('services')
  const endpointSlices = graph.input<EndpointSlice>('endpointSlices')
  const secrets = graph.input<SealedSecret>('secrets')
  const referenceGrants = graph.input<ReferenceGrant>('referenceGrants')
  const namespaces = graph.input<Namespace>('namespaces')

  // What others see of them: small, so that an edit which does not concern a reader does not reach it.
  const namespaceLabels = graph.derive('namespaceLabels', namespaces, ({ metadata }) => metadata.labels)
  const certificateChecks = graph.derive('certificateChecks', secrets, checkCertificate)
  const portChecks = graph.spread('portChecks', services, (service) => servicePorts(service, capabilities.envoy))
  const grants = graph.index('grants', referenceGrants, pairsOf)

  // Classes, and the Gateways that belong to them.
  const ownClasses = graph.derive('ownClasses', gatewayClasses, (gatewayClass) =>
    translateGatewayClass(gatewayClass, controllerName),
  )
  const classStatus = graph.derive('classStatus', gatewayClasses, (gatewayClass, key, read) =>
    gatewayClassStatus(gatewayClass, read.get(ownClasses, key), settings),
  )
  const ownGateways = graph.derive('ownGateways', gateways, (gateway, _, read) =>
    translateGateway(gateway, read, { ownClasses }, settings),
  )
  const routeParents = graph.derive('routeParents', ownGateways, ({ fleet }) => ({ fleet }))
  const fleetRecords = graph.spread('fleetRecords', ownGateways, (gateway) => [fleetRecord(gateway)])
  const gatewayRecords = graph.spread('gatewayRecords', ownGateways, (gateway) => [gatewayRecord(gateway)])

  // Listeners: first what each claims, then who wins, then whether it serves.
  const listenerClaims = graph.spread('listenerClaims', ownGateways, ({ listeners }) =>
    listeners.map((claim) => [keyOfListener(claim), claim]),
  )
  const claimsByPlace = graph.index('claimsByPlace', listenerClaims, placeOf)
  const claimsByPort = graph.index('claimsByPort', listenerClaims, portOf)
  const portOwners = graph.derive('portOwners', claimsByPort.keys, (_, port, read) =>
    portOwner(read.lookup(claimsByPort, port)),
  )
  const portProtocols = graph.derive('portProtocols', portOwners, ({ protocol }) => protocol)
  const listeners = graph.derive('listeners', listenerClaims, (claim, _, read) =>
    translateListener(claim, read, { claimsByPlace, portOwners, portProtocols, certificateChecks, grants }),
  )
  const listenerRecords = graph.derive('listenerRecords', listeners, (listener, _, read) =>
    listenerRecord(listener, read, { ownGateways }),
  )
  const certificatesInUse = graph.index('certificatesInUse', listeners, ({ certificates, serving }) =>
    serving ? certificates.map(certificateKey) : [],
  )
  const certificateRecords = graph.derive('certificateRecords', certificatesInUse.keys, (_, key, read) =>
    translateCertificate(key, read, { secrets }),
  )

  // Routes: where they attach, and what their rules do.
  const attachPoints = graph.derive('attachPoints', listeners, attachPoint)
  const attachPointsByGateway = graph.index('attachPointsByGateway', attachPoints, ({ gateway }) => [
    keyOfGateway(gateway),
  ])
  const translatedRoutes = graph.derive('translatedRoutes', httpRoutes, (route, _, read) =>
    translateHttpRoute(
      route,
      read,
      { routeParents, attachPoints, attachPointsByGateway, namespaceLabels, portChecks, services, grants },
      capabilities.envoy,
    ),
  )
  const httpRuleRecordsOf = graph.spread('httpRuleRecords', translatedRoutes, httpRuleRecords)
  const routeStatus = graph.derive('routeStatus', translatedRoutes, ({ status }) => status)

  // Backends: those in use. Endpoints go past routes and backends.
  const backendsInUse = graph.index('backendsInUse', translatedRoutes, ({ backends }) => backends)
  const backendRecords = graph.derive('backendRecords', backendsInUse.keys, (_, key, read) =>
    translateBackend(key, read, { services }),
  )
  const endpointsRecords = graph.spread('endpointsRecords', endpointSlices, translateEndpointSlice)

  // What is counted at the listeners comes back to the Gateways' status.
  const attachedRoutes = graph.index('attachedRoutes', translatedRoutes, ({ attachedTo }) => attachedTo)
  const gatewayStatusOf = graph.derive('gatewayStatus', ownGateways, (gateway, _, read) =>
    gatewayStatus(gateway, read, { listeners, attachedRoutes }),
  )

  // Outputs.
  const ir = graph.union<IrRecord>('ir', [
    fleetRecords,
    gatewayRecords,
    listenerRecords,
    certificateRecords,
    httpRuleRecordsOf,
    backendRecords,
    endpointsRecords,
  ])
  const status = graph.union<Status>('status', [classStatus, gatewayStatusOf, routeStatus])

  return {
    graph,
    inputs: { gatewayClasses, gateways, httpRoutes, services, endpointSlices, secrets, referenceGrants, namespaces },
    ir,
    status,
  }
}
