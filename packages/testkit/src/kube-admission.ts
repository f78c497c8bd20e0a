// What the API server refuses a service though its role gives it, from the one place that says it:
// charts/<service>/files/admission.yaml. As the chart makes it, for whatever user.
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parse } from 'yaml'
import { kubeRights } from './kube-rights.ts'

interface AdmissionPart {
  readonly variables: readonly { readonly name: string; readonly expression: string }[]
  readonly validations: readonly { readonly message: string; readonly expression: string }[]
}

export interface AdmissionPlace {
  /** Whom it is about. */
  readonly user: string
  /** Whose objects are its own. */
  readonly install: string
}

const api = { group: 'admissionregistration.k8s.io', versions: ['v1'], namespaced: false } as const
const policyKind = { ...api, kind: 'ValidatingAdmissionPolicy', plural: 'validatingadmissionpolicies' } as const
const bindingKind = {
  ...{ ...api, kind: 'ValidatingAdmissionPolicyBinding', plural: 'validatingadmissionpolicybindings' },
} as const

/** To be created, each with its kind. */
export function kubeAdmission(service: string, { user, install }: AdmissionPlace) {
  const file = join(resolve(import.meta.dirname, '../../../charts'), service, 'files/admission.yaml')
  const { objects, pods } = parse(readFileSync(file, 'utf8')) as Record<'objects' | 'pods', AdmissionPart>
  const workloads = { apiGroups: ['apps'], resources: ['deployments', 'daemonsets'] }
  const parts = [
    {
      ...objects,
      suffix: 'objects',
      kinds: kubeRights(service).namespaced,
      operations: ['CREATE', 'UPDATE', 'DELETE'],
    },
    { ...pods, suffix: 'pods', kinds: [workloads], operations: ['CREATE', 'UPDATE'] },
  ]
  return parts.flatMap(({ suffix, kinds, operations, variables, validations }) => {
    const metadata = { name: `${service}.${install}.${suffix}` }
    const spec = {
      failurePolicy: 'Fail',
      matchConstraints: {
        resourceRules: kinds.map(({ apiGroups, resources }) => ({
          ...{ apiGroups, resources, operations },
          apiVersions: ['*'],
        })),
      },
      matchConditions: [{ name: 'account', expression: `request.userInfo.username == '${user}'` }],
      variables: [{ name: 'install', expression: `'${install}'` }, ...variables],
      validations,
    }
    const bound = { policyName: metadata.name, validationActions: ['Deny'] }
    return [
      { kind: policyKind, object: { metadata, spec } },
      { kind: bindingKind, object: { metadata, spec: bound } },
    ]
  })
}
