// The access that a kubeconfig file describes: certificates, tokens, credential plugins, proxies. The client library
// knows all of its forms; it is loaded only here, and only when a file is used.
import type { Agent, RequestOptions } from 'node:https'
import type { KubeConfig } from '@kubernetes/client-node'
import { Fault } from '@penstock/fault'
import type { ClusterAccess, Credentials } from './access.ts'

/** What the library names the context that it makes up when it finds none: whoever listens on port 8080 here. */
const invented = 'loaded-context'

/** Without a file: $KUBECONFIG, else the one in the home directory. */
export async function accessByKubeconfig(options: { file?: string; context?: string } = {}): Promise<ClusterAccess> {
  const library = await import('@kubernetes/client-node')
  const load = (): KubeConfig => {
    const config = new library.KubeConfig()
    try {
      if (options.file === undefined) config.loadFromDefault()
      else config.loadFromFile(options.file)
    } catch (thrown) {
      throw new Fault('kube_misconfigured', `the kubeconfig cannot be read: ${messageOf(thrown)}`, { cause: thrown })
    }
    if (config.getCurrentContext() === invented) {
      throw new Fault(
        'kube_misconfigured',
        'no service account, no $KUBECONFIG, no ~/.kube/config; PENSTOCK_KUBECONFIG names a file',
      )
    }
    if (options.context !== undefined) config.setCurrentContext(options.context)
    return config
  }
  let config: KubeConfig | undefined = load()
  const server = serverOf(config)
  return {
    server,
    namespace: config.getContextObject(config.getCurrentContext())?.namespace,
    credentials: () => credentialsOf((config ??= load()), server),
    refresh() {
      config = undefined
    },
  }
}

function serverOf(config: KubeConfig): URL {
  const cluster = config.getCurrentCluster()
  if (!cluster || !URL.canParse(cluster.server)) {
    throw new Fault('kube_misconfigured', `context "${config.getCurrentContext()}" of the kubeconfig names no server`)
  }
  return new URL(cluster.server)
}

async function credentialsOf(config: KubeConfig, server: URL): Promise<Credentials> {
  const cluster = config.getCurrentCluster()
  // Without TLS there is nothing to verify, which the library wants said (`kubectl proxy` listens like this).
  if (cluster && server.protocol === 'http:') config.clusters = [{ ...cluster, skipTLSVerify: true }]
  const options: RequestOptions = { headers: {} }
  try {
    await config.applyToHTTPSOptions(options)
  } catch (thrown) {
    throw new Fault('kube_unauthorized', `no credentials: ${messageOf(thrown)}`, { cause: thrown })
  }
  const { ca, cert, key, servername, rejectUnauthorized, headers, auth } = options
  const basic = auth ? { authorization: `Basic ${Buffer.from(auth).toString('base64')}` } : {}
  const tls = { ca, cert, key, servername, rejectUnauthorized }
  return {
    headers: { ...lowerCased(headers as Record<string, string>), ...basic },
    tls: Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined)),
    ...(cluster?.proxyUrl ? { agent: options.agent as Agent } : {}),
  }
}

const lowerCased = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))

const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown))
