// Where the user's Gateways will listen, read from the folder as the user wrote it: what to wait for, what to try.
import { readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { parseAllDocuments } from 'yaml'

export interface EntryPoint {
  url: string
  port: number
  /** A command to try. */
  curl: string
}

interface GatewayDocument {
  kind?: string
  spec?: { listeners?: { port?: number; protocol?: string; hostname?: string }[] }
}

/** One per HTTP or HTTPS listener, in the order of files and listeners. */
export function entryPoints(folder: string): EntryPoint[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => ['.yaml', '.yml', '.json'].includes(extname(file)) && !file.startsWith('.'))
    .toSorted()
    .flatMap((file) => gateways(readFileSync(join(folder, file), 'utf8')))
    .flatMap((gateway) => gateway.spec?.listeners ?? [])
    .flatMap(({ port, protocol, hostname }) => {
      if (port === undefined || (protocol !== 'HTTP' && protocol !== 'HTTPS')) return []
      return [entryPoint(port, protocol, hostname?.replace('*', 'www'))]
    })
}

function entryPoint(port: number, protocol: 'HTTP' | 'HTTPS', host: string | undefined): EntryPoint {
  const scheme = protocol.toLowerCase()
  const url = `${scheme}://${host ?? '127.0.0.1'}:${port}/`
  const insecure = protocol === 'HTTPS' ? ' -k' : ''
  const resolve = host ? ` --resolve ${host}:${port}:127.0.0.1` : ''
  return { url, port, curl: `curl -i${insecure}${resolve} ${url}` }
}

function gateways(text: string): GatewayDocument[] {
  const documents = parseAllDocuments(text)
  if (!Array.isArray(documents)) return []
  return documents
    .filter((document) => document.errors.length === 0)
    .map((document) => (document.toJS() ?? {}) as GatewayDocument)
    .filter((object) => object.kind === 'Gateway')
}
