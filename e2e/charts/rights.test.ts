// The roles that helm makes give each service the rights that docs/reference/kubernetes-rights.md shows, and no other: the
// page and the roles come from the same files, and the files are the table of the design.
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { kubeRulesOf, singleRights } from '@penstock/testkit'
import type { Charts } from '@penstock/tools/helm'
import { designTable } from '../rights/design-table.ts'
import { openCharts } from './open-charts.ts'
import { type KubeObject, namespace, render } from './release.ts'

jest.setTimeout(120_000)
const services = ['watcher', 'translator', 'xds-server', 'agentgateway-server', 'status-reporter', 'infra-manager']

/** What roles of this kind that are bound to the account give it, by the namespace that they give it in. */
function rightsIn(objects: readonly KubeObject[], account: string): Readonly<Record<string, string[]>> {
  const bindings = objects.filter(({ subjects = [] }) =>
    subjects.some(({ name, namespace: place }) => name === account && place === namespace),
  )
  return Object.fromEntries(
    bindings.map(({ roleRef, metadata }) => {
      const role = objects.find(
        ({ kind, metadata: { name, namespace: place } }) =>
          kind === roleRef?.kind && name === roleRef.name && place === metadata.namespace,
      )
      const rules = (role?.rules ?? []).flatMap(({ apiGroups, resources, verbs }) =>
        apiGroups.map((group) => ({ group, resources, verbs })),
      )
      return [metadata.namespace ?? 'everywhere', singleRights(rules)]
    }),
  )
}

describe('the roles of the charts', () => {
  let charts: Charts
  beforeAll(async () => {
    charts = await openCharts()
  })
  afterAll(async () => {
    await charts?.[Symbol.asyncDispose]()
  })

  it.each(services)('give %s what the table of the design says, and the page', async (service) => {
    const wanted = [...(designTable[service] ?? [])].sort()
    expect(singleRights(kubeRulesOf(service))).toEqual(wanted)
    const objects = await render(charts, 'penstock')
    expect(rightsIn(objects, service)).toEqual(wanted.length > 0 ? { everywhere: wanted } : {})
  })

  it.each(services)('give %s no more than that in the namespaces that are named', async (service) => {
    const objects = await render(charts, 'penstock', '--set', 'global.namespaces={team-a,team-b}')
    const [cluster, namespaced] = (['cluster', 'namespaced'] as const).map((part) =>
      singleRights(kubeRulesOf(service, part)),
    )
    const expected = {
      ...(cluster?.length && { everywhere: cluster }),
      ...(namespaced?.length && { 'team-a': namespaced, 'team-b': namespaced }),
    }
    expect(rightsIn(objects, service)).toEqual(expected)
  })

  it('give jobs some Secrets of their own namespace, by their names', async () => {
    const objects = await render(charts, 'penstock')
    const rights = ['get', 'create', 'patch'].map((verb) => `${verb} /secrets`).sort()
    expect(rightsIn(objects, 'secrets')).toEqual({ [namespace]: rights })
    expect(rightsIn(objects, 'secrets-before')).toEqual({ [namespace]: rights })
    expect(rightsIn(objects, 'secrets-after')).toEqual({ [namespace]: ['delete /secrets', 'get /secrets'] })
    const rules = objects.filter(({ kind }) => kind === 'Role').flatMap((role) => role.rules ?? [])
    expect(rules.filter(({ resourceNames = [] }) => resourceNames.length === 0)).toEqual([])
  })
})
