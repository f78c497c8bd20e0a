// How the objects of a fleet come, change and go when GatewayConfigs and other people change them.
import { expect, it } from '@jest/globals'
import type { KindInfo } from '@penstock/gateway-api'
import { type Infra, type ProxyParameters, Transport, unsetParameters } from '@penstock/ir'
import type { ApiObject } from '@penstock/kube'
import { type FakeKubeApi, until } from '@penstock/testkit'
import { keyOf, onEachServer, type Rig } from './cluster-rig.test-data.ts'
import { autoscaler, daemonSet, deployment, disruptionBudget, ownedKinds, service } from './owned-kinds.ts'

const asking = (parameters: Partial<ProxyParameters>) => ({ parameters: { ...unsetParameters, ...parameters } })
const autoscaling = { minReplicas: 2, maxReplicas: 5, targetCpuPercent: 80, targetMemoryPercent: 70 }
const disruptionBudget1 = { minAvailable: '', maxUnavailable: '1' }
const overlay = (kind: string, patch: object) => ({ kind, patchJson: JSON.stringify(patch) })

/** As much of what a GatewayConfig can say as there is, in forms that the API server writes otherwise. */
const everything: Partial<ProxyParameters> = {
  ...{ autoscaling, disruptionBudget: disruptionBudget1 },
  resourcesJson: '{"requests":{"cpu":0.5,"memory":"1024Mi"},"limits":{"cpu":1,"memory":"1Gi"}}',
  pod: {
    labels: { tier: 'edge' },
    annotations: { 'example.com/a': 'b' },
    nodeSelector: { disk: 'fast' },
    specJson: JSON.stringify({
      tolerations: [{ key: 'edge', operator: 'Exists' }],
      topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway' }],
      terminationGracePeriodSeconds: 120,
    }),
    containerSecurityContextJson: '{"capabilities":{"add":["NET_BIND_SERVICE"]}}',
  },
  service: {
    ...{ type: 'NodePort', labels: { net: 'x' }, annotations: { 'example.com/c': 'd' } },
    specJson: '{"externalTrafficPolicy":"Local","ipFamilyPolicy":"SingleStack","sessionAffinity":"ClientIP"}',
  },
  overlays: [
    overlay('Deployment', {
      spec: {
        template: {
          spec: {
            containers: [
              { name: 'envoy', env: [{ name: 'MORE', value: '1' }] },
              { name: 'more', image: 'more:1', resources: { limits: { memory: '0.5Gi' } } },
            ],
            volumes: [{ name: 'more', emptyDir: { sizeLimit: '1024Ki' } }],
          },
        },
      },
    }),
    overlay('HorizontalPodAutoscaler', { spec: { behavior: { scaleDown: { stabilizationWindowSeconds: 60 } } } }),
  ],
}
const everyKind = ownedKinds.filter((kind) => kind !== daemonSet)

const replicasOf = (object: ApiObject | undefined): unknown => (object?.['spec'] as { replicas?: number })?.replicas
const versionsOf = (objects: readonly ApiObject[]): string[] =>
  objects.map(({ kind, metadata }) => `${kind} ${metadata.uid} ${metadata.resourceVersion}`)

const onPort = (port: number): Partial<Infra> => ({ ports: [{ port, transport: Transport.TCP }] })
const portOf = (object: ApiObject): unknown => (object['spec'] as { ports: { port: number }[] }).ports[0]?.port

/** Every value, one after the other, that was ever to be seen of an object of this kind. */
function watchOf({ admin, namespace }: Rig, kind: KindInfo, valueOf: (object: ApiObject) => unknown): unknown[] {
  const seen: unknown[] = []
  admin.reflect<ApiObject>({
    kind,
    scope: { namespaces: [namespace] },
    transform: (object) => object,
    onChange(changes) {
      for (const { value } of changes) if (value && seen.at(-1) !== valueOf(value)) seen.push(valueOf(value))
    },
  })
  return seen
}

async function serve({ writer, refTo, find }: Rig, kind: KindInfo, ready: number, wanted: number): Promise<void> {
  const generation = (await find(kind))?.metadata.generation ?? 0
  const said =
    kind === deployment
      ? { replicas: wanted, readyReplicas: ready, availableReplicas: ready, updatedReplicas: wanted }
      : {
          ...{ desiredNumberScheduled: wanted, currentNumberScheduled: wanted, numberMisscheduled: 0 },
          ...{ numberReady: ready, updatedNumberScheduled: wanted },
        }
  await writer.editStatus(refTo(kind), () => ({ ...said, observedGeneration: generation }))
}

/** Holds the first request up that comes by `change`, and matches, until the answer is called; resolves once it has come. */
async function holdUp(fake: FakeKubeApi, match: RegExp, change: () => void): Promise<() => void> {
  const asked = fake.requests.length
  const release = fake.hold(match, 1)
  change()
  await until('it is held up', () => fake.requests.slice(asked).some((each) => match.test(each)))
  return release
}

const deploymentWrites = /^PATCH .*\/deployments\//
const serviceWrites = /^PATCH .*\/services\//

onEachServer((rig) => {
  it('makes every kind that is asked for, puts each back, and then rests', async () => {
    const { fleet, feedback, writer, live, want, refTo, find, all, stands, remembered, infrastructure } = rig()
    const first = live()
    want('uid-1', asking(everything))
    await stands('uid-1', everyKind.length)
    const made = await all()
    const names = (objects: readonly ApiObject[]): unknown[] =>
      objects.map(({ metadata }) => metadata.labels?.['app.kubernetes.io/name'])
    for (const kind of everyKind) {
      const labels = { 'app.kubernetes.io/name': 'theirs' }
      await writer.apply(refTo(kind), { metadata: { labels } }, { force: true })
    }
    await until('every label is back', async () => names(await all()).join() === names(made).join())
    for (const { kind, metadata } of made) {
      const info = everyKind.find((each) => each.kind === kind)
      if (info) await writer.delete(refTo(info), { uid: metadata.uid })
    }
    await stands('uid-1', everyKind.length)
    const old = made.map(({ metadata }) => metadata.uid)
    expect((await all()).filter(({ metadata }) => old.includes(metadata.uid))).toEqual([])
    expect(infrastructure()?.problem).toBe('')
    await until('the number is there again', async () => replicasOf(await find(deployment)) === 2)
    await remembered()
    await first[Symbol.asyncDispose]()
    const before = versionsOf(await all())
    live('two')
    await until('a second life has looked at everything', () => feedback.has(keyOf(fleet, 'two')))
    want('uid-1', { ...asking(everything), ports: [81, 80].map((port) => ({ port, transport: Transport.TCP })) })
    await until('its first write', async () => JSON.stringify(await find(service)).includes('tcp-81'))
    want('uid-1', { ...asking({ ...everything, autoscaling: { ...autoscaling, maxReplicas: 6 } }) })
    await until('its last write', async () => JSON.stringify(await find(autoscaler)).includes('"maxReplicas":6'))
    const untouched = (versions: readonly string[]): string[] =>
      versions.filter((each) => !/^(Service|HorizontalPodAutoscaler) /.test(each))
    expect(untouched(versionsOf(await all()))).toEqual(untouched(before))
    expect(untouched(before)).toHaveLength(everyKind.length - 2)
  })

  it.each([
    ['Deployment', 'DaemonSet', deployment, daemonSet],
    ['DaemonSet', 'Deployment', daemonSet, deployment],
  ])('takes a %s away only when the %s in its place serves', async (_, workload, older, newer) => {
    const { server, fleet, feedback, live, want, find, stands } = rig()
    const replicas = (instance: string) => {
      const { replicasReady = 0, replicasWanted = 0 } = feedback.get(keyOf(fleet, instance))?.infrastructure ?? {}
      return `${replicasReady} of ${replicasWanted}`
    }
    const first = live()
    want('uid-1', asking({ workload: older.kind }))
    await stands('uid-1')
    const ofOlder = older === deployment ? 1 : 0
    want('uid-1', asking({ workload, replicas: 2 }))
    await stands('uid-1', 5)
    await serve(rig(), newer, 1, 2)
    await until('one is ready', () => replicas('one') === `1 of ${2 + ofOlder}`)
    await first[Symbol.asyncDispose]()
    // A second life has nothing to write, and so no echo of what it wrote makes it look again.
    const asked = server.fake?.requests.length
    live('two')
    await until('it has looked at everything', () => {
      const since = server.fake?.requests.slice(asked) ?? ['PATCH /services/']
      return feedback.has(keyOf(fleet, 'two')) && since.some((request) => /^PATCH .*\/services\//.test(request))
    })
    expect(await find(older)).toBeDefined()
    await serve(rig(), newer, 2, 2)
    await until('the old one is gone', async () => (await find(older)) === undefined)
    await until('the new one is told', () => replicas('two') === '2 of 2')
    expect(await find(newer)).toBeDefined()
  })

  it('gives the number of replicas to an autoscaler as it is, and leaves it there', async () => {
    const { writer, live, want, refTo, find, stands } = rig()
    live()
    want('uid-1', asking({ replicas: 3 }))
    await stands('uid-1')
    const seen = watchOf(rig(), deployment, replicasOf)
    want('uid-1', asking({ autoscaling }))
    await stands('uid-1', 5)
    await writer.apply(refTo(deployment), { spec: { replicas: 4 } }, { force: true })
    want('uid-1', { ...asking({ autoscaling }), labels: { team: 'a' } })
    await until('it was looked at again', async () => (await find(autoscaler))?.metadata.labels?.['team'] === 'a')
    expect(replicasOf(await find(deployment))).toBe(4)
    want('uid-1', asking({ replicas: 1 }))
    await stands('uid-1')
    await until('it is ours again', () => seen.at(-1) === 1)
    expect(seen).toEqual([3, 4, 1])
    expect(await find(autoscaler)).toBeUndefined()
  })

  it('lets an autoscaler begin with no less than it may have', async () => {
    const { live, want, find, stands } = rig()
    live()
    want('uid-1', asking({ autoscaling }))
    await stands('uid-1', 5)
    expect(replicasOf(await find(deployment))).toBe(2)
  })

  it('lets one begin so that is deleted while it is being written', async () => {
    const { server, writer, live, want, refTo, find, stands } = rig()
    // Nobody holds up the real one.
    if (!server.fake) return
    live()
    want('uid-1', asking({ autoscaling }))
    await stands('uid-1', 5)
    const before = await find(deployment)
    const change = () => want('uid-1', { ...asking({ autoscaling }), labels: { team: 'a' } })
    const release = await holdUp(server.fake, deploymentWrites, change)
    await writer.delete(refTo(deployment), { uid: before?.metadata.uid ?? '' })
    release()
    await until('it has its number again', async () => replicasOf(await find(deployment)) === 2)
  })

  it('leaves a number that nobody asked for to whoever writes one', async () => {
    const { writer, live, want, refTo, find, stands } = rig()
    live()
    want('uid-1')
    await stands('uid-1')
    await writer.apply(refTo(deployment), { spec: { replicas: 4 } }, { force: true })
    want('uid-1', { labels: { team: 'a' } })
    await until('it was looked at again', async () => (await find(service))?.metadata.labels?.['team'] === 'a')
    expect(replicasOf(await find(deployment))).toBe(4)
  })

  it('keeps what stands when an overlay is refused, tells why, and goes on with the rest', async () => {
    const { live, want, find, stands, infrastructure } = rig()
    live()
    want('uid-1')
    await stands('uid-1')
    const before = await find(deployment)
    const overlays = [overlay('Deployment', { metadata: { namespace: 'theirs' } })]
    want('uid-1', asking({ overlays, image: 'envoy:2', disruptionBudget: disruptionBudget1 }))
    await stands('uid-1', 5)
    await until('it is told', () => infrastructure()?.problem.includes('may not change metadata.namespace') ?? false)
    expect((await find(deployment))?.metadata.resourceVersion).toBe(before?.metadata.resourceVersion)
    want('uid-1')
    await until('the budget is gone', async () => (await find(disruptionBudget)) === undefined)
    await until('no problem is told', () => infrastructure()?.problem === '')
    expect((await find(deployment))?.metadata.uid).toBe(before?.metadata.uid)
  })

  it('keeps a Service whose Gateway has no port left', async () => {
    const { live, want, find, stands } = rig()
    live()
    want('uid-1')
    await stands('uid-1')
    const before = await find(service)
    want('uid-1', { ports: [], labels: { team: 'a' } })
    await until('it was looked at', async () => (await find(deployment))?.metadata.labels?.['team'] === 'a')
    expect((await find(service))?.metadata.resourceVersion).toBe(before?.metadata.resourceVersion)
  })

  it('puts its owner back on an object without ending it', async () => {
    const { admin, namespace, live, want, find, stands } = rig()
    live()
    want('uid-1')
    await stands('uid-1')
    const before = await find(deployment)
    const path = `/apis/apps/v1/namespaces/${namespace}/deployments/web-penstock`
    const body = { metadata: { ownerReferences: null } }
    await admin.request({ method: 'PATCH', path, contentType: 'application/merge-patch+json', body })
    await stands('uid-1')
    expect((await find(deployment))?.metadata.uid).toBe(before?.metadata.uid)
  })

  it('tells the address inside the cluster of a Service that has no other', async () => {
    const { live, want, find, stands, infrastructure } = rig()
    // The fake server gives no addresses.
    if (rig().server.fake) return
    live()
    for (const type of ['NodePort', 'ClusterIP']) {
      const parameters = asking({ service: { type, labels: {}, annotations: {}, specJson: '' } })
      want('uid-1', { ...parameters, addresses: [{ type: 'IPAddress', value: '10.96.0.77' }] })
      await stands('uid-1')
      await until(`a ${type}`, async () => JSON.stringify(await find(service)).includes(`"type":"${type}"`))
      await until('its address', () => infrastructure()?.addresses[0]?.value === '10.96.0.77')
    }
    const parameters = asking({ service: { type: 'ClusterIP', labels: { a: 'b' }, annotations: {}, specJson: '' } })
    want('uid-1', parameters)
    await until('nobody asks for it', async () => (await find(service))?.metadata.labels?.['a'] === 'b')
    want('uid-1', { ...parameters, addresses: [{ type: 'IPAddress', value: '192.0.2.1' }] })
    await until('what cannot be had is told', () => infrastructure()?.problem.includes('clusterIP') ?? false)
    expect(infrastructure()?.addresses.map(({ value }) => value)).toEqual(['10.96.0.77'])
  })

  it('deletes nothing that has changed since it was seen', async () => {
    const { server, writer, live, want, refTo, find, stands } = rig()
    // Nobody holds up the real one.
    if (!server.fake) return
    const { requests } = server.fake
    live()
    want('uid-1', asking({ disruptionBudget: disruptionBudget1 }))
    await stands('uid-1', 5)
    const deletes = (): number => requests.filter((each) => /^DELETE .*poddisruptionbudgets/.test(each)).length
    const before = deletes()
    const release = await holdUp(server.fake, /^DELETE .*poddisruptionbudgets/, () => want('uid-1'))
    await writer.apply(refTo(disruptionBudget), { metadata: { labels: { a: 'b' } } })
    release()
    await until('it is gone', async () => (await find(disruptionBudget)) === undefined)
    expect(deletes()).toBe(before + 2)
  })

  it('puts back nothing that comes late from one that led before', async () => {
    const { server, live, want, find, stands } = rig()
    // Nobody holds up the real one.
    if (!server.fake) return
    const first = live('one')
    want('uid-1', onPort(9001))
    await stands('uid-1')
    const seen = watchOf(rig(), service, portOf)
    const release = await holdUp(server.fake, serviceWrites, () => want('uid-1', onPort(9002)))
    await first[Symbol.asyncDispose]()
    want('uid-1', onPort(9003))
    live('two')
    await until('the next one has written', () => seen.at(-1) === 9003)
    release()
    want('uid-1', { ...onPort(9003), labels: { team: 'a' } })
    await until('it was looked at again', async () => (await find(service))?.metadata.labels?.['team'] === 'a')
    expect(seen).toEqual([9001, 9003])
  })

  it('puts right what comes late where nobody has written since', async () => {
    const { server, fleet, feedback, live, want, all, stands } = rig()
    if (!server.fake) return
    const first = live('one')
    want('uid-1', onPort(9001))
    await stands('uid-1')
    const seen = watchOf(rig(), service, portOf)
    const release = await holdUp(server.fake, serviceWrites, () => want('uid-1', onPort(9002)))
    await first[Symbol.asyncDispose]()
    want('uid-1', onPort(9001))
    const second = live('two')
    await until('the next one has looked at everything', () => feedback.has(keyOf(fleet, 'two')))
    release()
    await until('it is as it was', () => seen.join() === '9001,9002,9001')
    const removed = await holdUp(server.fake, serviceWrites, () => want('uid-1', onPort(9003)))
    await second[Symbol.asyncDispose]()
    want(undefined)
    live('three')
    await until('everything is gone', async () => (await all()).length === 0)
    removed()
    want('uid-1', onPort(9004))
    await until('it is there again', () => seen.at(-1) === 9004)
    expect(seen).not.toContain(9003)
  })

  it('writes again what somebody has changed while it was being written', async () => {
    const { server, writer, live, want, refTo, find, stands } = rig()
    // Nobody holds up the real one.
    if (!server.fake) return
    live()
    want('uid-1', onPort(9001))
    await stands('uid-1')
    const release = await holdUp(server.fake, serviceWrites, () => want('uid-1', onPort(9002)))
    await writer.apply(refTo(service), { metadata: { labels: { theirs: 'a' } } })
    release()
    await until('it is written', async () => portOf((await find(service)) as ApiObject) === 9002)
    expect((await find(service))?.metadata.labels?.['theirs']).toBe('a')
  })
})
