// Objects of a cluster as tests name them.
import { type KindInfo, kindInfo } from '@penstock/gateway-api'
import type { ObjectRef } from '@penstock/kube'
import type { Manifest } from '../features/manifests.ts'

export const podKind: KindInfo = { group: '', kind: 'Pod', plural: 'pods', versions: ['v1'], namespaced: true }
const deploymentKind: KindInfo = {
  ...{ group: 'apps', kind: 'Deployment', plural: 'deployments' },
  ...{ versions: ['v1'], namespaced: true },
}

export const namespace = 'default'

/** Of the namespace that everything of the chaos is in. */
export function refTo(kind: string, name: string): ObjectRef {
  const groups = ['', 'gateway.networking.k8s.io', 'penstock.dev']
  const info = kind === 'Deployment' ? deploymentKind : groups.map((group) => kindInfo(group, kind)).find(Boolean)
  if (!info) throw new Error(`no kind ${kind}`)
  return { kind: info, namespace, name }
}

export const refOf = ({ kind, metadata }: Manifest): ObjectRef =>
  refTo(String(kind), (metadata as { readonly name: string }).name)
