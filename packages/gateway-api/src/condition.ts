// Every condition that we may write: owner, type, and the reasons of each status (Gateway API: the constants beside each
// type's Status). The table is the vocabulary of translate and of status; tests walk it to find what has no case.

export type ConditionStatus = 'True' | 'False' | 'Unknown'

interface Reasons {
  readonly True: readonly string[]
  readonly False?: readonly string[]
  readonly Unknown?: readonly string[]
}

const listener = {
  Accepted: {
    True: ['Accepted'],
    False: [
      'PortUnavailable',
      'UnsupportedProtocol',
      'ProtocolConflict',
      'HostnameConflict',
      'NoValidCACertificate',
      'UnsupportedValue',
      'InvalidListenerFilter',
      'InvalidListenerFilterOrder',
    ],
    Unknown: ['Pending'],
  },
  Conflicted: { True: ['HostnameConflict', 'ProtocolConflict'], False: ['NoConflicts'] },
  ResolvedRefs: {
    True: ['ResolvedRefs'],
    False: [
      'InvalidCertificateRef',
      'InvalidRouteKinds',
      'RefNotPermitted',
      'InvalidCACertificateRef',
      'InvalidCACertificateKind',
      'InvalidListenerFilterRef',
    ],
  },
  Programmed: {
    True: ['Programmed'],
    False: ['Invalid', 'PortUnavailable', 'HostnameConflict', 'ProtocolConflict'],
    Unknown: ['Pending'],
  },
  // Removed, never False, when nothing overlaps.
  OverlappingTLSConfig: { True: ['OverlappingHostnames', 'OverlappingCertificates'] },
  // Ours: there only when there is something to say. A certificate that expires soon is valid.
  'penstock.dev/CertificateValid': { True: ['ExpiresSoon'], False: ['Expired', 'NotYetValid'] },
} as const

const policy = {
  Accepted: { True: ['Accepted'], False: ['Conflicted', 'Invalid', 'TargetNotFound'] },
} as const

export const conditions = {
  GatewayClass: {
    Accepted: {
      True: ['Accepted'],
      False: ['InvalidParameters', 'Unsupported', 'UnsupportedVersion'],
      Unknown: ['Pending'],
    },
    SupportedVersion: { True: ['SupportedVersion'], False: ['UnsupportedVersion'] },
  },
  Gateway: {
    Accepted: {
      // ListenersNotValid with True: some listeners are valid; with False: none is.
      True: ['Accepted', 'ListenersNotValid'],
      False: ['Invalid', 'InvalidParameters', 'ListenersNotValid', 'UnsupportedAddress'],
      Unknown: ['Pending'],
    },
    Programmed: {
      True: ['Programmed'],
      False: ['Invalid', 'NoResources', 'AddressNotAssigned', 'AddressNotUsable'],
      Unknown: ['Pending'],
    },
    ResolvedRefs: {
      True: ['ResolvedRefs'],
      False: ['RefNotPermitted', 'InvalidClientCertificateRef', 'ListenersNotResolved'],
    },
    AddressesAssigned: { True: ['AddressesAssigned'], False: ['PartiallyAssigned', 'NotAssigned'] },
    // Only while AllowInsecureFallback is in force; then removed.
    InsecureFrontendValidationMode: { True: ['ConfigurationChanged'] },
  },
  Listener: listener,
  ListenerSet: {
    Accepted: {
      True: ['Accepted', 'ListenersNotValid'],
      False: ['Invalid', 'NotAllowed', 'ParentNotAccepted', 'ListenersNotValid'],
      Unknown: ['Pending'],
    },
    Programmed: {
      True: ['Programmed'],
      False: ['Invalid', 'ParentNotProgrammed', 'ListenersNotValid', 'PortUnavailable', 'NotAllowed'],
      Unknown: ['Pending'],
    },
  },
  ListenerEntry: {
    ...listener,
    Accepted: { ...listener.Accepted, False: [...listener.Accepted.False, 'TooManyListeners', 'ListenerConflict'] },
    Conflicted: { ...listener.Conflicted, True: [...listener.Conflicted.True, 'ListenerConflict'] },
    Programmed: {
      ...listener.Programmed,
      False: [...listener.Programmed.False, 'TooManyListeners', 'ListenerConflict'],
    },
  },
  RouteParent: {
    Accepted: {
      True: ['Accepted'],
      // Where several apply, the first in this order is told.
      False: [
        'NoMatchingParent',
        'NotAllowedByListeners',
        'NoMatchingListenerHostname',
        'UnsupportedValue',
        'IncompatibleFilters',
      ],
      Unknown: ['Pending'],
    },
    ResolvedRefs: {
      True: ['ResolvedRefs'],
      False: ['RefNotPermitted', 'InvalidKind', 'BackendNotFound', 'UnsupportedProtocol'],
    },
    // Its message starts with "Dropped Rule" or "Fall Back". Removed when nothing is invalid.
    PartiallyInvalid: { True: ['UnsupportedValue'] },
    // Ours: whether the proxies have it.
    'penstock.dev/Programmed': { True: ['Programmed'], False: ['Invalid'], Unknown: ['Pending'] },
  },
  BackendTLSPolicy: {
    Accepted: { True: policy.Accepted.True, False: [...policy.Accepted.False, 'NoValidCACertificate'] },
    ResolvedRefs: { True: ['ResolvedRefs'], False: ['InvalidCACertificateRef', 'InvalidKind'] },
  },
  XBackendTrafficPolicy: policy,
  XTelemetryPolicy: {
    ...policy,
    ResolvedRefs: { True: ['ResolvedRefs'], False: ['BackendNotFound', 'InvalidKind', 'RefNotPermitted'] },
  },
  XBackend: { Accepted: { True: ['Accepted'] } },
} as const satisfies Record<string, Record<string, Reasons>>

type Conditions = typeof conditions
type ReasonsIn<R> = { [S in keyof R]: R[S] extends readonly string[] ? R[S][number] : never }[keyof R]

export type ConditionOwner = keyof Conditions
export type ConditionType<O extends ConditionOwner = ConditionOwner> = O extends ConditionOwner
  ? keyof Conditions[O] & string
  : never
export type ConditionReason<O extends ConditionOwner, T extends ConditionType<O>> = ReasonsIn<
  Conditions[O][T & keyof Conditions[O]]
>

/** A condition as Kubernetes stores it (meta/v1 Condition). */
export interface Condition {
  readonly type: string
  readonly status: ConditionStatus
  readonly reason: string
  readonly message: string
  readonly observedGeneration?: number
  readonly lastTransitionTime?: string
}
