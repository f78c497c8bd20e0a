// The laws on the graphs of the planes, which the translation feeds, and what the generated histories reach. The toy
// graph and the translation have theirs beside them; `pnpm laws` is the long form of all.
import { describe, expect, it } from '@jest/globals'
import { histories } from '@penstock/translate/histories'
import fc from 'fast-check'
import { coverageOf } from './coverage.ts'
import { lawSuites } from './law-suites.ts'

describe('on any history of objects, with fleets that come and go', () => {
  const planes = lawSuites.filter(({ name }) => name.includes('plane'))
  it.each(planes)(
    '$name',
    ({ name, property }) => {
      fc.assert(
        property(() => {}),
        { numRuns: name.startsWith('Envoy') ? 40 : 15 },
      )
    },
    60_000,
  )
})

/** A generator that does not bring these about any more would prove less than it seems to. */
const agreed = [
  'BackendTLSPolicy Accepted False Conflicted',
  'BackendTLSPolicy Accepted False Invalid',
  'BackendTLSPolicy Accepted False NoValidCACertificate',
  'BackendTLSPolicy Accepted False TargetNotFound',
  'BackendTLSPolicy Accepted True Accepted',
  'BackendTLSPolicy ResolvedRefs False InvalidCACertificateRef',
  'BackendTLSPolicy ResolvedRefs False InvalidKind',
  'BackendTLSPolicy ResolvedRefs True ResolvedRefs',
  'Gateway Accepted False InvalidParameters',
  'Gateway Accepted False ListenersNotValid',
  'Gateway Accepted False UnsupportedAddress',
  'Gateway Accepted True Accepted',
  'Gateway Accepted True ListenersNotValid',
  'Gateway InsecureFrontendValidationMode True ConfigurationChanged',
  'Gateway Programmed False Invalid',
  'Gateway Programmed True Programmed',
  'Gateway ResolvedRefs False InvalidClientCertificateRef',
  'Gateway ResolvedRefs False ListenersNotResolved',
  'Gateway ResolvedRefs False RefNotPermitted',
  'Gateway ResolvedRefs True ResolvedRefs',
  'GatewayClass Accepted False InvalidParameters',
  'GatewayClass Accepted True Accepted',
  'GatewayClass SupportedVersion False UnsupportedVersion',
  'GatewayClass SupportedVersion True SupportedVersion',
  'Listener Accepted False HostnameConflict',
  'Listener Accepted False NoValidCACertificate',
  'Listener Accepted False ProtocolConflict',
  'Listener Accepted False UnsupportedProtocol',
  'Listener Accepted False UnsupportedValue',
  'Listener Accepted True Accepted',
  'Listener Conflicted False NoConflicts',
  'Listener Conflicted True HostnameConflict',
  'Listener Conflicted True ProtocolConflict',
  'Listener OverlappingTLSConfig True OverlappingHostnames',
  'Listener Programmed False HostnameConflict',
  'Listener Programmed False Invalid',
  'Listener Programmed False ProtocolConflict',
  'Listener Programmed True Programmed',
  'Listener ResolvedRefs False InvalidCACertificateKind',
  'Listener ResolvedRefs False InvalidCACertificateRef',
  'Listener ResolvedRefs False InvalidCertificateRef',
  'Listener ResolvedRefs False InvalidRouteKinds',
  'Listener ResolvedRefs False RefNotPermitted',
  'Listener ResolvedRefs True ResolvedRefs',
  'Listener penstock.dev/CertificateValid False Expired',
  'Listener penstock.dev/CertificateValid False NotYetValid',
  'Listener penstock.dev/CertificateValid True ExpiresSoon',
  'ListenerSet Accepted False ListenersNotValid',
  'ListenerSet Accepted False NotAllowed',
  'ListenerSet Accepted False ParentNotAccepted',
  'ListenerSet Accepted True Accepted',
  'ListenerSet Accepted True ListenersNotValid',
  'ListenerSet Programmed False ListenersNotValid',
  'ListenerSet Programmed False NotAllowed',
  'ListenerSet Programmed False ParentNotProgrammed',
  'ListenerSet Programmed True Programmed',
  'RouteParent Accepted False NoMatchingListenerHostname',
  'RouteParent Accepted False NoMatchingParent',
  'RouteParent Accepted False NotAllowedByListeners',
  'RouteParent Accepted False UnsupportedValue',
  'RouteParent Accepted True Accepted',
  'RouteParent PartiallyInvalid True UnsupportedValue',
  'RouteParent ResolvedRefs False BackendNotFound',
  'RouteParent ResolvedRefs False InvalidKind',
  'RouteParent ResolvedRefs False RefNotPermitted',
  'RouteParent ResolvedRefs False UnsupportedProtocol',
  'RouteParent ResolvedRefs True ResolvedRefs',
  'RouteParent penstock.dev/Programmed False Invalid',
  'RouteParent penstock.dev/Programmed True Programmed',
]

it('histories reach every condition that the translation can say', () => {
  const coverage = coverageOf(fc.sample(histories, { numRuns: 200, seed: 1 }))
  expect([...coverage.keys()].sort()).toEqual(agreed)
}, 60_000)
