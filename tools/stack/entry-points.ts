// Where the user's Gateways want to listen, read from the folder as the user wrote it: what to try once Envoy listens.
// What cannot be read here is the watcher's to complain about.
import { readdirSync, readFileSync } from 'node:fs'
import { extname, join, sep } from 'node:path'
import { parseAllDocuments } from 'yaml'

export interface EntryPoint {
  url: string
  port: number
  /** A command to try. */
  curl: string
}

interface GatewayDocument {
  kind?: string
  items?: GatewayDocument[]
  spec?: { listeners?: { port?: number; protocol?: string; hostname?: string }[] }
}

/** One per HTTP or HTTPS listener, in the order of files and listeners. */
export function entryPoints(folder: string): EntryPoint[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => ['.yaml', '.yml', '.json'].includes(extname(file)))
    .filter((file) => !file.split(sep).some((part) => part.startsWith('.')))
    .toSorted()
    .flatMap((file) => gateways(join(folder, file)))
    .flatMap((gateway) => gateway.spec?.listeners ?? [])
    .flatMap(({ port, protocol, hostname }) => {
      if (typeof port !== 'number' || (protocol !== 'HTTP' && protocol !== 'HTTPS')) return []
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

function gateways(file: string): GatewayDocument[] {
  try {
    return [...parseAllDocuments(readFileSync(file, 'utf8'))]
      .filter((document) => document.errors.length === 0)
      .map((document) => (document.toJS() ?? {}) as GatewayDocument)
      .flatMap((object) => object.items ?? [object])
      .filter((object) => object.kind === 'Gateway')
  } catch {
    return []
  }
}
