// Every release that our charts are tried as keeps the policy, and no rule of it is empty.
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import type { Charts } from '@penstock/tools/helm'
import { type Change, changed } from './changed.ts'
import { openCharts } from './open-charts.ts'
import { complaints, policy } from './policy.ts'
import { type Case, namespace, render, triedCases, valuesOf } from './release.ts'

jest.setTimeout(120_000)

/** What is left out when its value says so. */
const switches: Readonly<Record<string, string>> = {
  networkPolicy: 'a pod is behind a NetworkPolicy, both ways',
  disruptionBudget: 'what has replicas has a budget that lets nodes be emptied',
}

const pod = 'spec.template.spec'
const container = `${pod}.containers.0`
const watcher = (at: string, to?: unknown): Change => ({ of: 'Deployment watcher', at, to })

/** For each rule, what breaks it and nothing else. */
const breaks: Readonly<Record<string, readonly Change[]>> = {
  'an object says what it belongs to': [watcher('metadata.labels.app~kubernetes~io/version')],
  'a label is one to Kubernetes': [
    watcher('metadata.labels.app~kubernetes~io/version', '1.2.3+abc'),
    watcher('spec.template.metadata.labels.team', 'x'.repeat(64)),
  ],
  'an object says which namespace it is in': [
    watcher('metadata.namespace'),
    { of: 'GatewayClass penstock', at: 'metadata.namespace', to: namespace },
  ],
  'an object is there once': [{ of: 'ServiceAccount watcher', at: 'metadata.name', to: 'translator' }],
  'a name fits into a label': [{ of: 'GatewayClass penstock', at: 'metadata.name', to: 'x'.repeat(64) }],
  'a chart holds no secret': [{ of: 'NetworkPolicy watcher', at: 'kind', to: 'Secret' }],
  'a pod is nobody in particular': [
    watcher(`${pod}.securityContext.runAsNonRoot`),
    watcher(`${pod}.securityContext.runAsUser`, 0),
    watcher(`${pod}.securityContext.seccompProfile`),
    watcher(`${pod}.hostNetwork`, true),
    watcher(`${pod}.volumes.0`, { name: 'secrets', hostPath: { path: '/' } }),
  ],
  'a container can change nothing': [
    watcher(`${container}.securityContext`),
    watcher(`${container}.securityContext.privileged`, true),
    watcher(`${container}.securityContext.readOnlyRootFilesystem`, false),
    watcher(`${container}.securityContext.capabilities.add`, ['NET_ADMIN']),
  ],
  'a container says what it needs': [
    watcher(`${container}.resources.requests`),
    watcher(`${container}.resources.limits`),
  ],
  'a container that serves is probed': [watcher(`${container}.startupProbe`), watcher(`${container}.readinessProbe`)],
  'an image is one and the same': [
    watcher(`${container}.image`, 'penstock/watcher'),
    watcher(`${container}.image`, 'penstock/watcher:latest'),
    watcher(`${container}.image`, 'registry:5000/watcher'),
    watcher(`${container}.image`, 'penstock/watcher:1.2.3+abc'),
  ],
  'a pod knows nothing of other services, and has room to end': [
    watcher(`${pod}.enableServiceLinks`),
    watcher(`${pod}.terminationGracePeriodSeconds`, 1),
  ],
  'a volume that is mounted is there, and one that is there is mounted': [
    watcher(`${pod}.volumes`, []),
    watcher(`${container}.volumeMounts`, []),
  ],
  'replicas are spread over zones and nodes': [watcher(`${pod}.topologySpreadConstraints`)],
  'a pod is behind a NetworkPolicy, both ways': [
    { of: 'NetworkPolicy watcher', at: 'spec.policyTypes', to: ['Ingress'] },
  ],
  'what selects pods selects those of one workload': [
    { of: 'Service xds-server', at: 'spec.selector', to: { 'app.kubernetes.io/part-of': 'penstock' } },
    { of: 'PodDisruptionBudget nats', at: 'spec.selector.matchLabels', to: { app: 'nats' } },
  ],
  'a port of a Service is one of its pods': [{ of: 'Service xds-server', at: 'spec.ports.0.targetPort', to: 'grpc' }],
  'what has replicas has a budget that lets nodes be emptied': [
    { of: 'PodDisruptionBudget watcher', at: 'spec.maxUnavailable', to: 0 },
    { of: 'PodDisruptionBudget watcher', at: 'spec.maxUnavailable', to: 2 },
  ],
  'what is scaled says no number itself': [watcher('spec.replicas')],
  'a token is for those who have rights, and for them alone': [
    watcher(`${pod}.automountServiceAccountToken`, false),
    { of: 'Deployment translator', at: `${pod}.automountServiceAccountToken`, to: true },
  ],
  'every workload has an account of its own that gives no token by itself': [
    watcher(`${pod}.serviceAccountName`, 'default'),
    { of: 'ServiceAccount watcher', at: 'automountServiceAccountToken' },
  ],
  'a role names what it gives': [
    { of: `ClusterRole penstock:${namespace}:watcher`, at: 'rules.0.resources', to: ['*'] },
    { of: `ClusterRole penstock:${namespace}:watcher`, at: 'rules.0.verbs', to: ['impersonate'] },
    { of: `ClusterRole penstock:${namespace}:watcher`, at: 'rules', to: [] },
  ],
  'a binding binds a role and an account of this release': [
    { of: `ClusterRoleBinding penstock:${namespace}:watcher`, at: 'roleRef.name', to: 'cluster-admin' },
  ],
}

const cases = (await triedCases()).filter(({ chart }) => chart !== 'penstock-crds')

describe('what the charts install', () => {
  let charts: Charts
  beforeAll(async () => {
    charts = await openCharts()
  })
  afterAll(async () => {
    await charts?.[Symbol.asyncDispose]()
  })

  /** The rules that the values leave in force. */
  async function rulesFor(tried: Case): Promise<typeof policy> {
    const values = await valuesOf(tried)
    const levels = [values, ...Object.values(values)] as Record<string, { enabled?: boolean } | undefined>[]
    const isOff = (name: string): boolean => levels.some((level) => level?.[name]?.enabled === false)
    const off = Object.entries(switches).flatMap(([name, rule]) => (isOff(name) ? [rule] : []))
    return Object.fromEntries(Object.entries(policy).filter(([rule]) => !off.includes(rule)))
  }

  it.each(cases)('$chart keeps the policy with $file', async (tried) => {
    const objects = await render(charts, tried.chart, ...tried.args)
    expect(complaints(objects, await rulesFor(tried))).toEqual([])
  })

  it('has no rule that nothing breaks', () => {
    expect(Object.keys(breaks).sort()).toEqual(Object.keys(policy).sort())
  })

  it.each(Object.entries(breaks))('would not keep this if it broke: %s', async (rule, changes) => {
    const objects = await render(charts, 'penstock')
    for (const change of changes) {
      const said = complaints(changed(objects, change)).filter((complaint) => complaint.startsWith(rule))
      expect([change, said]).not.toEqual([change, []])
    }
  })
})
