// One request to a proxy, and what of the answer can show an edit: the place that it redirects to, over TLS the subject
// of the certificate too.
import { Agent as HttpAgent, type IncomingMessage, request as overHttp, type RequestOptions } from 'node:http'
import { Agent as HttpsAgent, request as overHttps } from 'node:https'
import type { TLSSocket } from 'node:tls'

export interface Question {
  readonly host: string
  readonly path: string
  readonly secure: boolean
  /** Over a new connection. */
  readonly fresh: boolean
}

export interface Questioner extends Disposable {
  /** Undefined: no answer. */
  ask(question: Question, port: number): Promise<string | undefined>
}

export function createQuestioner(): Questioner {
  const agents = [
    new HttpAgent({ keepAlive: true, maxSockets: 1 }),
    // A session that is taken up again would show no certificate.
    new HttpsAgent({ keepAlive: true, maxSockets: 1, maxCachedSessions: 0 }),
  ] as const
  return {
    ask({ host, path, secure, fresh }, port) {
      const options: RequestOptions = {
        host: '127.0.0.1',
        port,
        path,
        headers: { host },
        agent: agents[secure ? 1 : 0],
      }
      if (fresh) options.agent = false
      const tls = { servername: host, rejectUnauthorized: false }
      return new Promise((resolve) => {
        const take = (answer: IncomingMessage): void => {
          const shown = `${answer.headers.location ?? answer.statusCode} ${subjectOf(answer)}`
          answer.resume().once('close', () => resolve(shown))
        }
        const sent = secure ? overHttps({ ...options, ...tls }, take) : overHttp(options, take)
        sent.once('error', () => resolve(undefined)).end()
      })
    },
    [Symbol.dispose]: () => agents.forEach((agent) => agent.destroy()),
  }
}

function subjectOf({ socket }: IncomingMessage): string {
  const certificate = 'getPeerCertificate' in socket ? (socket as TLSSocket).getPeerCertificate() : undefined
  return certificate?.subject === undefined ? '' : `CN=${certificate.subject.CN}`
}
