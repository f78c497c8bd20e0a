// What the API server answered instead of what was asked for, as a fault.
import { Fault, type FaultCode } from '@penstock/fault'

/** The part of a Kubernetes Status that anybody reads. */
export interface Status {
  readonly kind?: string
  readonly code?: number
  readonly reason?: string
  readonly message?: string
  readonly details?: {
    readonly name?: string
    readonly retryAfterSeconds?: number
    readonly causes?: readonly { readonly reason?: string; readonly field?: string; readonly message?: string }[]
  }
}

export class ApiFault extends Fault {
  /** The HTTP status, also of an ERROR event in a watch. */
  readonly status: number
  /** Kubernetes' word for it (`NotFound`, `Expired`, …); empty if something else answered, a proxy perhaps. */
  readonly reason: string
  readonly details: Status['details']

  constructor(status: number, answer: Status, options: { message: string; retryAfterMs?: number | undefined }) {
    super(codeOf(status), options.message, { retryAfterMs: options.retryAfterMs })
    this.status = status
    this.reason = answer.reason ?? ''
    this.details = answer.details
  }
}

/** Of a Status object, or of whatever text stood in its place. `what` is the request in a few words. */
export function apiFault(
  what: string,
  answer: { status: number; body: unknown; retryAfter?: string | undefined; maxDelayMs: number },
): ApiFault {
  const { status, body } = answer
  const known = isStatus(body) ? body : undefined
  const message = known?.message ?? (typeof body === 'string' ? body.slice(0, 200).trim() : '')
  const seconds = Number(answer.retryAfter ?? known?.details?.retryAfterSeconds)
  const retryAfterMs = seconds > 0 ? Math.min(seconds * 1_000, answer.maxDelayMs) : undefined
  return new ApiFault(status, known ?? {}, { message: `${what}: ${status} ${message}`.trimEnd(), retryAfterMs })
}

function isStatus(body: unknown): body is Status {
  return typeof body === 'object' && body !== null && (body as Status).kind === 'Status'
}

const codes: Readonly<Record<number, FaultCode>> = {
  401: 'kube_unauthorized',
  403: 'kube_forbidden',
  404: 'kube_not_found',
  408: 'kube_busy',
  409: 'kube_conflict',
  410: 'kube_expired',
  429: 'kube_busy',
}

function codeOf(status: number): FaultCode {
  return codes[status] ?? (status >= 500 ? 'kube_busy' : 'kube_refused')
}
