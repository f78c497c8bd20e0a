// What our own account is allowed, as the API server sees it (authorization.k8s.io/v1).
import type { ApiClient } from './api-client.ts'

export interface Access {
  readonly verb: string
  readonly group: string
  /** The kind's plural. */
  readonly resource: string
  readonly subresource?: string
  /** Left out: in all namespaces, or cluster scoped. */
  readonly namespace?: string
  readonly name?: string
}

export interface AccessRules {
  readonly resourceRules: readonly {
    readonly verbs: readonly string[]
    readonly apiGroups?: readonly string[]
    readonly resources?: readonly string[]
    readonly resourceNames?: readonly string[]
  }[]
  readonly nonResourceRules: readonly {
    readonly verbs: readonly string[]
    readonly nonResourceURLs?: readonly string[]
  }[]
  /** The server could not find out everything. */
  readonly incomplete: boolean
}

const root = '/apis/authorization.k8s.io/v1'
const apiVersion = 'authorization.k8s.io/v1'

export async function mayWe(client: ApiClient, access: Access): Promise<boolean> {
  const body = { apiVersion, kind: 'SelfSubjectAccessReview', spec: { resourceAttributes: access } }
  const path = `${root}/selfsubjectaccessreviews`
  const { status } = await client.request<{ status: { allowed: boolean } }>({ method: 'POST', path, body })
  return status.allowed
}

export async function ownRules(client: ApiClient, namespace: string): Promise<AccessRules> {
  const body = { apiVersion, kind: 'SelfSubjectRulesReview', spec: { namespace } }
  const path = `${root}/selfsubjectrulesreviews`
  const { status } = await client.request<{ status: AccessRules }>({ method: 'POST', path, body })
  return status
}
