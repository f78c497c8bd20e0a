// What the library refuses by itself, before any of our code sees it, is counted like the rest.
import { ServerInterceptingCall, type ServerInterceptor, status } from '@grpc/grpc-js'
import { refusedHeader } from './admission.ts'
import type { Refusals } from './refusals.ts'

const reasons: Readonly<Partial<Record<status, string>>> = {
  [status.RESOURCE_EXHAUSTED]: 'request_too_large',
  [status.INTERNAL]: 'unreadable',
  [status.UNIMPLEMENTED]: 'unknown_encoding',
}

/** An interceptor stands between the library's own refusals and our code, so it looks at the call below itself. */
export const countRefusals =
  (refusals: Refusals): ServerInterceptor =>
  (_, call) => {
    const send = call.sendStatus.bind(call)
    call.sendStatus = (sent) => {
      const reason = reasons[sent.code]
      const isOurs = (sent.metadata?.get(refusedHeader).length ?? 0) > 0
      if (reason && !isOurs) refusals.refuse(reason, { peer: call.getPeer(), message: sent.details })
      send(sent)
    }
    return new ServerInterceptingCall(call)
  }
