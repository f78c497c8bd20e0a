// What has no golden case, and why. An entry speaks for itself and for all that begins with it.
const atReporter = "said from what proxies report: apps/status-reporter's programmed.test.ts"
const unknownYet = 'what the reporter says before anything is known: e2e/features/status.test.ts'
const anEdit = "an edit of what has a status: apps/status-reporter's condition.test.ts and cluster-target.test.ts"
const listenerFilters = 'filters of listeners are refused as a whole, with UnsupportedValue'
const asAWhole = 'refused as a whole: a case has the field above it'
const laterKind = 'a kind of route that is not served yet'

export const exceptions: Readonly<Record<string, string>> = {
  'GatewayClass Accepted False Unsupported': 'every release that has the kind is served as well as can be',
  'GatewayClass Accepted Unknown': unknownYet,
  'GatewayClass SupportedVersion': "no folder holds CRDs: translate's gateway-config.test.ts",
  'Gateway Accepted Unknown': unknownYet,
  'Gateway AddressesAssigned': 'experimental, absent unless claimed (GatewayAddressRoutability), which it is not',
  'Gateway Programmed False AddressNot': atReporter,
  'Gateway Programmed False NoResources': atReporter,
  'Gateway Programmed Unknown': unknownYet,
  'Listener Accepted False InvalidListenerFilter': listenerFilters,
  'Listener Accepted False PortUnavailable': 'a proxy that cannot open a port says so: e2e/features/taken-port.test.ts',
  'Listener Accepted Unknown': unknownYet,
  'Listener OverlappingTLSConfig True OverlappingCertificates': 'optional: what must be told is OverlappingHostnames',
  'Listener Programmed False PortUnavailable':
    'a proxy that cannot open a port says so: e2e/features/taken-port.test.ts',
  'Listener Programmed Unknown': unknownYet,
  'Listener ResolvedRefs False InvalidListenerFilterRef': listenerFilters,
  'ListenerEntry Accepted False InvalidListenerFilter': listenerFilters,
  'ListenerEntry Accepted False ListenerConflict': 'HostnameConflict and ProtocolConflict say which conflict it is',
  'ListenerEntry Accepted False PortUnavailable': 'a proxy says so, of the Gateway that has the port',
  'ListenerEntry Accepted False TooManyListeners': 'the schema has the limit, and ours is no lower',
  'ListenerEntry Accepted Unknown': unknownYet,
  'ListenerEntry Conflicted True ListenerConflict': 'HostnameConflict and ProtocolConflict say which conflict it is',
  'ListenerEntry OverlappingTLSConfig True OverlappingCertificates':
    'optional: what must be told is OverlappingHostnames',
  'ListenerEntry Programmed False ListenerConflict': 'HostnameConflict and ProtocolConflict say which conflict it is',
  'ListenerEntry Programmed False PortUnavailable': 'a proxy says so, of the Gateway that has the port',
  'ListenerEntry Programmed False TooManyListeners': 'the schema has the limit, and ours is no lower',
  'ListenerEntry Programmed Unknown': unknownYet,
  'ListenerEntry ResolvedRefs False InvalidListenerFilterRef': listenerFilters,
  'ListenerSet Accepted False Invalid': 'the more precise ListenersNotValid, NotAllowed and ParentNotAccepted are said',
  'ListenerSet Accepted Unknown': unknownYet,
  'ListenerSet Programmed False Invalid':
    'the more precise ListenersNotValid, NotAllowed and ParentNotProgrammed are said',
  'ListenerSet Programmed False PortUnavailable': 'a proxy says so, of the Gateway that has the port',
  'ListenerSet Programmed Unknown': unknownYet,
  'RouteParent Accepted False IncompatibleFilters': 'the schema refuses filters that cannot go together',
  'RouteParent Accepted Unknown': unknownYet,
  'RouteParent penstock.dev/Programmed Unknown': unknownYet,
  'Gateway spec.listeners[].filters.requests[].externalAuth.': listenerFilters,
  'ListenerSet spec.listeners[].filters.requests[].externalAuth.': listenerFilters,
  'HTTPRoute spec.rules[].backendRefs[].filters[].cors.': asAWhole,
  'HTTPRoute spec.rules[].backendRefs[].filters[].externalAuth.': asAWhole,
  'HTTPRoute spec.rules[].backendRefs[].filters[].requestRedirect.': asAWhole,
  'HTTPRoute spec.rules[].filters[].externalAuth.': asAWhole,
  'conformance test backendtlspolicyobservedgenerationbump': anEdit,
  'conformance test backendtlspolicypreserveforeignstatus': "apps/status-reporter's policy-target.test.ts",
  'conformance test backendtlspolicytlsrouteterminate': laterKind,
  'conformance test gatewayclassobservedgenerationbump': anEdit,
  'conformance test gatewayobservedgenerationbump': anEdit,
  'conformance test gatewaypreserveforeignconditions': "apps/status-reporter's cluster-target.test.ts",
  'conformance test httprouteobservedgenerationbump': anEdit,
  'conformance test httproutepreserveforeignstatus': "apps/status-reporter's cluster-target.test.ts",
  'conformance test tcproute': laterKind,
  'conformance test tlsroute': laterKind,
  'conformance test udproute': laterKind,
}
