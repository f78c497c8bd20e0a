// What the proxy answers when there is nobody else to answer.
import type { Duplex } from 'node:stream'
import { createHeaderList, type HeaderList } from './header-list.ts'

export interface Answer {
  readonly status: number
  readonly headers: HeaderList
  readonly body: Uint8Array
  readonly trailers?: HeaderList
  /** What the connection to the backend became. */
  readonly upgraded?: Duplex
}

export class ProxyFault extends Error {
  readonly status: number
  /** Whether a retry may help: the backend was not reached, broke off, or took too long. */
  readonly isRetryable: boolean

  constructor(status: number, why: string, isRetryable = false) {
    super(why)
    this.status = status
    this.isRetryable = isRetryable
  }
}

/** No backend at all: for gRPC another thing than an invalid one. */
export class NoBackend extends ProxyFault {
  constructor() {
    super(500, 'no valid backends')
  }
}

export const isGrpc = (headers: HeaderList): boolean =>
  (headers.first('content-type') ?? '').startsWith('application/grpc')

const empty = new Uint8Array()

export function answerOf(fault: ProxyFault, toGrpc: boolean): Answer {
  if (!toGrpc) {
    const headers = createHeaderList([['content-type', 'text/plain']])
    return { status: fault.status, headers, body: Buffer.from(fault.message) }
  }
  const status = fault instanceof NoBackend ? 14 : grpcStatusOf(fault.status)
  const headers = createHeaderList([
    ['content-type', 'application/grpc'],
    ['grpc-status', String(status)],
    ['grpc-message', encodeURIComponent(fault.message)],
  ])
  return { status: 200, headers, body: empty }
}

/** The table of gRPC itself: whatever is not in it is UNKNOWN, a 500 too. */
function grpcStatusOf(status: number): number {
  const table: Readonly<Record<number, number>> = { 200: 0, 400: 13, 401: 16, 403: 7, 404: 12 }
  return table[status] ?? ([429, 502, 503, 504].includes(status) ? 14 : 2)
}
