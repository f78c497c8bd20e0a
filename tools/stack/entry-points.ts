// Where the user's Gateways want to listen, read from the folder as the user wrote it: what to try once a proxy listens.
// What cannot be read here is the watcher's to complain about.
import { readdirSync, readFileSync } from 'node:fs'
import { extname, join, sep } from 'node:path'
import { parseAllDocuments } from 'yaml'

export interface EntryPoint {
  /** `<namespace>/<name>` */
  gateway: string
  url: string
  address: string
  port: number
  /** A command to try. */
  curl: string
}

interface GatewayDocument {
  kind?: string
  metadata?: { namespace?: string; name?: string }
  items?: GatewayDocument[]
  spec?: { listeners?: { port?: number; protocol?: string; hostname?: string }[] }
}

/**
 * One per HTTP or HTTPS listener, in the order of files and listeners. `addresses`: by Gateway; all of them are at 127.0.0.1
 * when left out, and one without an address is passed over.
 */
export function entryPoints(folder: string, addresses?: ReadonlyMap<string, string>): EntryPoint[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => ['.yaml', '.yml', '.json'].includes(extname(file)))
    .filter((file) => !file.split(sep).some((part) => part.startsWith('.')))
    .toSorted()
    .flatMap((file) => gateways(join(folder, file)))
    .flatMap(({ metadata: { namespace = 'default', name = '' } = {}, spec }) => {
      const gateway = `${namespace}/${name}`
      const address = addresses ? addresses.get(gateway) : '127.0.0.1'
      return address === undefined ? [] : (spec?.listeners ?? []).map((listener) => ({ gateway, address, listener }))
    })
    .flatMap(({ gateway, address, listener: { port, protocol, hostname } }) => {
      if (typeof port !== 'number' || (protocol !== 'HTTP' && protocol !== 'HTTPS')) return []
      return [{ gateway, ...entryPoint({ address, port }, protocol, hostname?.replace('*', 'www')) }]
    })
}

function entryPoint(
  { address, port }: Pick<EntryPoint, 'address' | 'port'>,
  protocol: 'HTTP' | 'HTTPS',
  host: string | undefined,
): Omit<EntryPoint, 'gateway'> {
  const scheme = protocol.toLowerCase()
  const url = `${scheme}://${host ?? address}:${port}/`
  const insecure = protocol === 'HTTPS' ? ' -k' : ''
  const resolve = host ? ` --resolve ${host}:${port}:${address}` : ''
  return { url, address, port, curl: `curl -i${insecure}${resolve} ${url}` }
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
