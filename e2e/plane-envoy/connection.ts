// TLS connections as clients make them, that tell which certificate and which answers they get.
import { once } from 'node:events'
import { connect as connectHttp2 } from 'node:http2'
import { connect } from 'node:tls'

/** The common name of the certificate that this server name gets; rejects when there is none. */
export function commonName(port: number, servername: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', servername, rejectUnauthorized: false })
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('closed')))
    socket.once('secureConnect', () => {
      resolve(String(socket.getPeerCertificate().subject.CN))
      socket.destroy()
    })
  })
}

export interface StandingConnection extends AsyncDisposable {
  /** The backend that answered a request for the host, or the status where none did. */
  ask(host: string, headers?: Record<string, string>): Promise<string | number>
  /** Whether its server asked to go. */
  readonly draining: boolean
}

/** HTTP/2, to this server name. */
export async function stay(port: number, servername: string): Promise<StandingConnection> {
  const session = connectHttp2(`https://127.0.0.1:${port}`, { servername, rejectUnauthorized: false })
  let draining = false
  session.on('error', () => {})
  session.on('goaway', () => (draining = true))
  await once(session, 'connect')
  return {
    get draining() {
      return draining || session.closed
    },
    async ask(host, headers) {
      const request = session.request({ ...headers, ':authority': host })
      let status = 0
      request.on('response', (headers) => (status = Number(headers[':status'])))
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      if (status !== 200) return status
      return (JSON.parse(Buffer.concat(chunks).toString()) as { backend: string }).backend
    },
    async [Symbol.asyncDispose]() {
      session.destroy()
    },
  }
}
