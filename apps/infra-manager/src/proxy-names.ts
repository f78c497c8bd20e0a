// What the objects of a fleet are called, and how they are told from all others (GEP-1762).
import { createHash } from 'node:crypto'
import type { Source } from '@penstock/ir'
import type { PlainObject } from '@penstock/kube'
import { managedBy } from './owned-kinds.ts'

/** A DNS label, as names of Services are: the Gateway's name where that is one, else cut and told apart by its hash. */
export function proxyName(gateway: string): string {
  const plain = `${gateway}-penstock`
  if (plain.length <= longestLabel && /^[a-z][-a-z0-9]*$/.test(plain)) return plain
  const hash = createHash('sha256').update(gateway).digest('hex').slice(0, 8)
  const readable = gateway.replaceAll('.', '-').slice(0, longestLabel - '-penstock-'.length - hash.length - 1)
  return `${/^[a-z]/.test(readable) ? '' : 'x'}${readable}-penstock-${hash}`
}

const longestLabel = 63

/** On every object and every pod. */
export function proxyLabels({ name }: Pick<Source, 'name'>, install: string): Record<string, string> {
  return {
    'app.kubernetes.io/name': 'penstock-proxy',
    'app.kubernetes.io/component': 'proxy',
    ...managedBy(install),
    ...proxySelector(proxyName(name)),
    ...(name.length <= longestLabel ? { 'gateway.networking.k8s.io/gateway-name': name } : {}),
  }
}

/** Of the pods. */
export const proxySelector = (name: string): Record<string, string> => ({ 'penstock.dev/proxy': name })

export function ownerReference({ name, uid }: Pick<Source, 'name' | 'uid'>): PlainObject {
  return { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'Gateway', name, uid, controller: true }
}
