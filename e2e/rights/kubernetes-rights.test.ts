// What each service may do in a real Kubernetes, by the server's own word: no more and no less than its role, and the roles
// are the table of the design.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { busServices } from '@penstock/bus'
import { type AccessRules, accessByKubeconfig, createKube } from '@penstock/kube'
import {
  type ControlPlane,
  kubeRightsObjects,
  kubeRulesOf,
  kubernetesIsBuilt,
  servicesWithRights,
  singleRights,
  startControlPlane,
} from '@penstock/testkit'
import { withPrepared } from '../conformance/prepared.ts'
import { serviceObjects } from '../conformance/services.ts'
import { designTable } from './design-table.ts'

jest.setTimeout(120_000)
const suite = (await kubernetesIsBuilt()) ? describe : describe.skip
const namespace = 'penstock-system'
const services = busServices()
const granted = (service: string, part?: 'cluster'): string[] => singleRights(kubeRulesOf(service, part))

describe('the rights of the services', () => {
  it('are the table of the design', () => {
    const lines = services.flatMap((service) => {
      const rules = kubeRulesOf(service).map(({ verbs, resources }) => `${verbs.join(', ')}: ${resources.join(' ')}`)
      return (rules.length > 0 ? rules : ['nothing']).map((rule) => `${service.padEnd(20)} ${rule}\n`)
    })
    process.stdout.write(`\nrights in Kubernetes\n${lines.join('')}`)
    expect(Object.fromEntries(services.map((service) => [service, granted(service)]))).toEqual(
      Object.fromEntries(Object.entries(designTable).map(([service, rights]) => [service, rights.toSorted()])),
    )
  })

  it('name every kind and verb: no wildcard, nothing that gives more rights', () => {
    const all = services.flatMap((service) => granted(service))
    expect(all.filter((right) => right.includes('*'))).toEqual([])
    expect(
      all.filter((right) => /^(bind|escalate|impersonate) |rbac\.|serviceaccounts\/token|pods/.test(right)),
    ).toEqual([])
  })

  it('of reading private keys are the watcher’s alone', () => {
    expect(
      services.filter((service) => granted(service).some((right) => /^(get|list|watch) \/secrets$/.test(right))),
    ).toEqual(['watcher'])
  })
})

describe('a pod of ours', () => {
  interface PodOwner {
    readonly kind: string
    readonly metadata: { readonly name: string }
    readonly spec: { readonly template: { readonly spec: Readonly<Record<string, unknown>> } }
  }

  it('has an account of its own, and a token only where there are rights', async () => {
    await withPrepared(async (dir) => {
      const objects = serviceObjects(dir, 1) as PodOwner[]
      for (const { metadata, spec } of objects.filter(({ kind }) => kind === 'Deployment')) {
        const { serviceAccountName, automountServiceAccountToken } = spec.template.spec
        expect({ serviceAccountName, automountServiceAccountToken }).toEqual({
          serviceAccountName: metadata.name,
          automountServiceAccountToken: servicesWithRights().includes(metadata.name),
        })
      }
    })
  })
})

suite('a real API server', () => {
  let plane: ControlPlane
  beforeAll(async () => {
    plane = await startControlPlane()
    await plane.kubectl('create', 'namespace', namespace)
    await plane.kubectl('create', 'namespace', 'mine')
  })
  afterAll(async () => plane.stop())

  async function install(namespaces: readonly string[]): Promise<void> {
    const stranger = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'stranger', namespace } }
    const items = [stranger, ...services.flatMap((service) => kubeRightsObjects(service, { namespace, namespaces }))]
    const file = join(plane.dir, 'rights.json')
    await writeFile(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))
    await plane.kubectl('apply', '--server-side', '--filename', file)
  }

  /** What the server says of an account in a namespace, less what it says of any account. */
  async function rights(service: string, place: string): Promise<string[]> {
    const [all, nobodys] = [await review(service, place), await review('stranger', place)]
    return all.filter((right) => !nobodys.includes(right)).sort()
  }

  async function review(account: string, place: string): Promise<string[]> {
    const token = (await plane.kubectl('create', 'token', account, '--namespace', namespace)).trim()
    const access = await accessByKubeconfig({ file: plane.kubeconfig })
    const headers = { authorization: `Bearer ${token}` }
    const credentials = async () => ({ ...(await access.credentials()), headers })
    await using kube = createKube({ access: { ...access, credentials }, service: 'test' })
    const rules = await kube.rules(place)
    expect(rules.incomplete).toBe(false)
    return single(rules)
  }

  it('says of each account, less what any has, exactly its role: wherever it asks', async () => {
    await install([])
    for (const place of [namespace, 'mine', 'kube-system']) {
      const said = new Map<string, string[]>()
      for (const service of services) said.set(service, await rights(service, place))
      expect(Object.fromEntries(said)).toEqual(Object.fromEntries(services.map((each) => [each, answered(each)])))
    }
  })

  it('says of one whose installation is for a namespace: there its role, elsewhere what has no namespace', async () => {
    await plane.kubectl(
      'delete',
      'clusterroles,clusterrolebindings',
      ...services.map((each) => `penstock-${each}`),
      '--ignore-not-found',
    )
    await install(['mine'])
    for (const service of servicesWithRights()) {
      expect(await rights(service, 'mine')).toEqual(answered(service))
      expect(await rights(service, 'default')).toEqual(answered(service, 'cluster'))
    }
  })
})

/** Kubernetes gives every account the right to read trust bundles: of that nothing is left. */
const answered = (service: string, part?: 'cluster'): string[] =>
  granted(service, part).filter((right) => !right.endsWith(' certificates.k8s.io/clustertrustbundles'))

function single({ resourceRules, nonResourceRules }: AccessRules): string[] {
  const ofObjects = resourceRules.flatMap(({ verbs, apiGroups = [], resources = [], resourceNames = [] }) =>
    singleRights(apiGroups.map((group) => ({ group, verbs, resources }))).map((right) =>
      [right, ...resourceNames].join(' '),
    ),
  )
  const ofPaths = nonResourceRules.flatMap(({ verbs, nonResourceURLs = [] }) =>
    nonResourceURLs.flatMap((path) => verbs.map((verb) => `${verb} ${path}`)),
  )
  return [...new Set([...ofObjects, ...ofPaths])]
}
