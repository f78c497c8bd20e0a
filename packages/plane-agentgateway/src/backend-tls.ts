// TLS to backends (Gateway API: BackendTLSPolicy): a policy of the Service's port, so that whatever goes there is secured,
// copies of requests too, and a renewed authority touches no route. Where a Gateway has a certificate to show, its routes say
// all of it themselves, since the policy is the same for every Gateway of the fleet.
import type { Backend, BackendTls as Tls } from '@penstock/ir'
import type { BackendPolicySpec, BackendTls } from './gen/agentgateway/policy.ts'
import { encodeKind, type Resource } from './resource.ts'
import { serviceOf, tlsPolicyKey } from './resource-name.ts'
import type { OpenCertificate } from './secrets.ts'

/** `root`: the authorities, where not the system's count. Nothing where no name is one that the proxy takes. */
export function emitBackendTls({ serverName, names }: Tls, root: Uint8Array | undefined): BackendTls | undefined {
  const accepted = names.map(({ name }) => {
    if (name === undefined) throw new Error('a subject name of a newer schema')
    return name.value
  })
  const taken = accepted.filter(isTaken)
  if (taken.length === 0 || !isTaken(serverName)) return undefined
  // For the name that is asked for the certificate has to be anyway.
  const isUsual = accepted.length === 1 && accepted[0] === serverName
  return {
    ...(root === undefined ? {} : { root }),
    hostname: serverName,
    ...(isUsual ? {} : { verifySubjectAltNames: taken }),
  }
}

/** A policy with a wildcard or a label that is too long is rejected, and then connections would be plain. */
const isTaken = (name: string): boolean =>
  name.includes('://') || (!name.startsWith('*') && name.split('.').every((label) => label.length <= 63))

export const showing = (tls: BackendTls, { cert, key }: OpenCertificate): NonNullable<BackendPolicySpec['kind']> => ({
  $case: 'backendTls',
  value: { ...tls, cert, key },
})

export function emitTlsPolicy(
  backend: Pick<Backend, 'kind' | 'namespace' | 'name' | 'port'>,
  tls: BackendTls,
): Resource {
  const { kind, namespace, name, port } = backend
  return encodeKind({
    $case: 'policy',
    value: {
      key: tlsPolicyKey(backend),
      name: { kind, namespace, name },
      target: { kind: { $case: 'service', value: { ...serviceOf(backend), port } } },
      kind: { $case: 'backend', value: { kind: { $case: 'backendTls', value: tls } } },
    },
  })
}
