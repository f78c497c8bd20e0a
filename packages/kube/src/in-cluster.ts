// The access of a pod: its service account, as the kubelet mounts it. Done here and not by the client library, whose
// import costs a process 86 MB; the kubelet rotates the token in place, so it is read again each minute and on refusal.
import { readFile } from 'node:fs/promises'
import { isIPv6 } from 'node:net'
import { Fault } from '@penstock/fault'
import { bearer, type ClusterAccess, type Credentials } from './access.ts'

export const serviceAccountFolder = '/var/run/secrets/kubernetes.io/serviceaccount'

const rereadMs = 60_000

/** What the kubelet sets in every container. */
export interface ServiceAddress {
  readonly KUBERNETES_SERVICE_HOST?: string
  readonly KUBERNETES_SERVICE_PORT?: string
}

/** Undefined where there is no service account. */
export async function accessInCluster(
  folder = serviceAccountFolder,
  address: ServiceAddress = process.env,
): Promise<ClusterAccess | undefined> {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } = address
  const found = host === undefined ? undefined : await readCredentials(folder).catch(() => undefined)
  if (host === undefined || found === undefined) return undefined
  const namespace = await readFile(`${folder}/namespace`, 'utf8').catch(() => undefined)
  let last = { read: Promise.resolve(found), atMs: performance.now() }
  return {
    server: new URL(`https://${isIPv6(host) ? `[${host}]` : host}:${port}`),
    namespace: namespace?.trim(),
    credentials() {
      if (performance.now() - last.atMs > rereadMs) last = { read: readCredentials(folder), atMs: performance.now() }
      return last.read
    },
    refresh() {
      last = { ...last, atMs: Number.NEGATIVE_INFINITY }
    },
  }
}

async function readCredentials(folder: string): Promise<Credentials> {
  try {
    const [token, ca] = await Promise.all([readFile(`${folder}/token`, 'utf8'), readFile(`${folder}/ca.crt`)])
    return { headers: bearer(token.trim()), tls: { ca } }
  } catch (thrown) {
    throw new Fault('kube_unauthorized', `the service account in ${folder} cannot be read`, { cause: thrown })
  }
}
