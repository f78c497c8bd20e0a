// An outage is a fault. A user's mistake is a value (a problem), a bug is a crash: neither belongs here.

interface FaultKind {
  /** Trying again may help. */
  retry: boolean
  /** What an operator should know. */
  means: string
}

/** The code is the metric's label and the heading in the documentation. */
export const faultCodes = {
  bus_unreachable: { retry: true, means: 'NATS does not answer; what was published stays in force' },
  bus_refused: { retry: true, means: 'NATS answered with an error' },
  bus_untrusted: {
    retry: true,
    means: 'NATS and this service do not trust each other (TLS); the sentence says what to set',
  },
  stream_missing: { retry: true, means: 'the writer of this channel has not created its stream yet' },
  bus_too_old: { retry: false, means: 'the NATS server lacks a feature that Penstock needs' },
  bus_misconfigured: { retry: false, means: 'the stream on the server is not the one that the channel asks for' },
  lease_lost: { retry: true, means: 'another replica leads' },
  record_unreadable: { retry: false, means: 'a record cannot be decoded; the last good state stays in force' },
  record_unencodable: { retry: false, means: 'a record cannot be encoded; the last good one stays in force' },
  record_too_large: { retry: false, means: 'a record exceeds the limit of its channel' },
  folder_unreadable: { retry: true, means: 'the folder of resources cannot be read; its last state stays in force' },
  folder_unwritable: { retry: true, means: 'a status file cannot be written; it is tried again until it can' },
  port_in_use: { retry: false, means: 'another process listens on this port' },
  setting_invalid: { retry: false, means: 'a setting has no usable value' },
  seal_broken: { retry: false, means: 'a sealed value cannot be opened with the keys at hand' },
  kube_unreachable: { retry: true, means: 'the Kubernetes API does not answer; what is known stays in force' },
  kube_busy: { retry: true, means: 'the Kubernetes API answers that it cannot serve now' },
  kube_unauthorized: { retry: true, means: 'the Kubernetes API does not know our credentials; they are read again' },
  kube_forbidden: { retry: false, means: 'our account lacks a right' },
  kube_not_found: { retry: false, means: 'the Kubernetes API has no such object, or does not serve its kind' },
  kube_held: { retry: true, means: 'a kind of object cannot be read; what is known of it stays in force' },
  kube_conflict: { retry: false, means: 'the object is another one by now, or others own its fields' },
  kube_expired: { retry: true, means: 'the Kubernetes API has forgotten the version that was asked for' },
  kube_refused: { retry: false, means: 'the Kubernetes API finds the request invalid' },
  kube_unreadable: { retry: true, means: 'an answer of the Kubernetes API cannot be understood' },
  kube_misconfigured: { retry: false, means: 'nothing says which Kubernetes API to use, or how to log in' },
  unknown: { retry: true, means: 'an error that no table names' },
} as const satisfies Record<string, FaultKind>

export type FaultCode = keyof typeof faultCodes

/** An outage with its code; `message` says where and why. */
export class Fault extends Error {
  readonly code: FaultCode
  /** The other side asks not to be tried again sooner. */
  readonly retryAfterMs: number | undefined

  constructor(code: FaultCode, message: string, options?: { cause?: unknown; retryAfterMs?: number | undefined }) {
    super(message, options)
    this.name = 'Fault'
    this.code = code
    this.retryAfterMs = options?.retryAfterMs
  }

  get retry(): boolean {
    return faultCodes[this.code].retry
  }

  /** Any thrown value as a fault; one that is a fault already is returned as it is. */
  static from(thrown: unknown, code: FaultCode = 'unknown'): Fault {
    if (thrown instanceof Fault) return thrown
    return new Fault(code, thrown instanceof Error ? thrown.message : String(thrown), { cause: thrown })
  }
}
