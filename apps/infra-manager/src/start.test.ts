// What becomes of INFRA in a cluster, on the fake API server and on the real one.
import { expect, it } from '@jest/globals'
import type { KindInfo } from '@penstock/gateway-api'
import { Transport, unsetParameters } from '@penstock/ir'
import type { ApiObject, PlainObject } from '@penstock/kube'
import { kubeRightsObjects, singleRights, until } from '@penstock/testkit'
import { infraOf, install, keyOf, onEachServer, otherInstall, rights } from './cluster-rig.test-data.ts'
import { configMap, daemonSet, deployment, service, serviceAccount } from './owned-kinds.ts'

onEachServer((rig) => {
  it('makes what a Gateway needs, tells its address and its replicas, and follows what is wanted', async () => {
    const { writer, live, want, refTo, find, all, stands, infrastructure } = rig()
    live()
    want('uid-1')
    await stands('uid-1')
    expect((await find(service))?.['spec']).toMatchObject({
      type: 'LoadBalancer',
      ports: [{ port: 80, targetPort: 80 }],
    })
    await until('it is told that there is no address yet', () => infrastructure()?.replicasWanted === 1)
    expect(infrastructure()).toEqual({ addresses: [], replicasWanted: 1, replicasReady: 0, problem: '' })
    await writer.editStatus(refTo(service), () => ({
      loadBalancer: { ingress: [{ ip: '10.0.0.7', ipMode: 'VIP' }] },
    }))
    await writer.editStatus(refTo(deployment), () => ({ replicas: 1, readyReplicas: 1 }))
    await until(
      'address and replicas are told',
      () => infrastructure()?.replicasReady === 1 && infrastructure()?.addresses.length,
    )
    expect(infrastructure()?.addresses).toEqual([{ type: 'IPAddress', value: '10.0.0.7' }])
    want('uid-1', { parameters: { ...unsetParameters, image: 'envoy:2' }, labels: { team: 'a' } })
    await until('the new image', async () => JSON.stringify(await find(deployment)).includes('"envoy:2"'))
    await until('the new label', async () => (await all()).every(({ metadata }) => metadata.labels?.['team'] === 'a'))
  })

  it('puts back what somebody edits or deletes, and writes nothing while nothing differs', async () => {
    const { fleet, feedback, writer, live, want, refTo, find, all, stands, remembered } = rig()
    const first = live()
    want('uid-1')
    await stands('uid-1')
    const account = await find(serviceAccount)
    await writer.delete(refTo(serviceAccount), { uid: account?.metadata.uid ?? '' })
    await until('the account is back', async () => {
      const uid = (await find(serviceAccount))?.metadata.uid
      return uid !== undefined && uid !== account?.metadata.uid
    })
    const text = JSON.stringify((await find(configMap))?.['data'])
    await writer.apply(refTo(configMap), { data: { 'envoy.json': '{}' } }, { force: true })
    await until('the file is back', async () => JSON.stringify((await find(configMap))?.['data']) === text)
    const labels = { 'app.kubernetes.io/managed-by': 'somebody' }
    await writer.apply(refTo(deployment), { metadata: { labels } }, { force: true })
    await until('the label is back', async () =>
      Object.values((await find(deployment))?.metadata.labels ?? {}).includes('penstock'),
    )
    await remembered()
    const versions = async (): Promise<string> =>
      (await all()).map(({ metadata: { resourceVersion } }) => resourceVersion).join()
    const before = await versions()
    await first[Symbol.asyncDispose]()
    live('two')
    await until('a second life has looked at everything', () => feedback.has(keyOf(fleet, 'two')))
    want('uid-1', { ports: [81, 80].map((port) => ({ port, transport: Transport.TCP })) })
    await until('its first write', async () => JSON.stringify(await find(service)).includes('tcp-81'))
    const others = (all: string): string[] => all.split(',').toSpliced(3, 1)
    expect(others(await versions())).toEqual(others(before))
  })

  it('makes everything anew for a Gateway that was made again under its name', async () => {
    const { writer, live, want, refTo, all, stands, infrastructure } = rig()
    live()
    want('uid-1')
    await stands('uid-1')
    await writer.editStatus(refTo(service), () => ({
      loadBalancer: { ingress: [{ ip: '10.0.0.7', ipMode: 'VIP' }] },
    }))
    await until('the address is told', () => infrastructure()?.addresses.length === 1)
    const before = (await all()).map(({ metadata }) => metadata.uid)
    want('uid-2')
    await stands('uid-2')
    expect((await all()).filter(({ metadata }) => before.includes(metadata.uid))).toEqual([])
    await until('the old address is forgotten', () => infrastructure()?.addresses.length === 0)
  })

  it('removes what is wanted no more, also what went while nobody led', async () => {
    const { admin, namespace, live, want, all, stands, infrastructure } = rig()
    const first = live()
    want('uid-1')
    await stands('uid-1')
    await first[Symbol.asyncDispose]()
    want(undefined)
    const bystander = {
      metadata: { name: 'theirs', namespace, labels: { 'app.kubernetes.io/managed-by': 'penstock' } },
    }
    await admin.create(configMap, bystander)
    live()
    await until('everything is gone', async () => (await all()).length === 0)
    expect(infrastructure()).toBeUndefined()
    want('uid-1')
    await stands('uid-1')
    want(undefined)
    await until('everything is gone again', async () => (await all()).length === 0)
    expect(await admin.get({ kind: configMap, namespace, name: 'theirs' })).toBeDefined()
  })

  it('takes over nothing of the same name that is not its own', async () => {
    const { admin, namespace, writer, live, want, refTo, find, stands, infrastructure } = rig()
    const { metadata } = await admin.create(configMap, {
      ...{ data: { theirs: 'x' } },
      metadata: { namespace, name: 'web-penstock' },
    })
    live()
    want('uid-1')
    await until('it is told', () => (infrastructure()?.problem ?? '') !== '')
    expect(infrastructure()?.problem).toMatch(
      /^ConfigMap infra-\d+\/web-penstock cannot be made: [^.]* not made by Penstock/,
    )
    expect(await find(configMap)).toMatchObject({
      data: { theirs: 'x' },
      metadata: { resourceVersion: metadata.resourceVersion },
    })
    await writer.delete(refTo(configMap), { uid: metadata.uid })
    want('uid-1')
    await stands('uid-1')
  })

  it('leaves alone what another installation runs in the same cluster', async () => {
    const { admin, namespace, translate, live, want, all, stands } = rig()
    live()
    want('uid-1')
    await stands('uid-1')
    const before = (await all()).map(({ metadata }) => metadata.uid)
    const theirs = infraOf(namespace, 'uid-2', 'theirs')
    await translate(otherInstall, new Map([[theirs.fleet, { value: theirs }]])).settled()
    live('one', otherInstall)
    const made = { kind: deployment, namespace, name: 'theirs-penstock' }
    await until('the other one has made its own', async () => (await admin.get(made)) !== undefined)
    expect((await all()).map(({ metadata }) => metadata.uid)).toEqual(before)
  })

  it('is done by the one that leads, and told by it', async () => {
    const { fleet, feedback, live, want, find, stands } = rig()
    const first = live('one')
    want('uid-1')
    await stands('uid-1')
    await until('it is told', () => feedback.has(keyOf(fleet, 'one')))
    live('two')
    want('uid-1', { labels: { a: 'b' } })
    await until('the label', async () => (await find(deployment))?.metadata.labels?.['a'] === 'b')
    expect([...feedback.keys()]).toEqual([keyOf(fleet, 'one')])
    await first[Symbol.asyncDispose]()
    await until('the other tells it', () => [...feedback.keys()].join() === keyOf(fleet, 'two'))
  })

  it('is not ready while it cannot remove what is wanted no more', async () => {
    const { server, states, log, live, want, all, stands } = rig()
    // Of the real one nobody takes a right away.
    if (!server.fake) return
    live()
    want('uid-1')
    await stands('uid-1')
    server.fake.misanswer({ match: /^DELETE /, status: 403 })
    want(undefined)
    await until('it is told', () => log.some(({ event }) => event === 'infra_unwritable'))
    expect(states.at(-1)).toContain('403')
    server.fake.answerRightly()
    await until('everything is gone', async () => (await all()).length === 0)
    await until('it is ready', () => states.at(-1) === 'passing')
  })

  it('tells what cannot be made, and makes it when it can be', async () => {
    const { server, log, live, want, stands, infrastructure } = rig()
    live()
    // More than annotations may have together.
    const annotations = { note: 'x'.repeat(300_000) }
    want('uid-1', server.fake ? {} : { annotations })
    server.fake?.misanswer({ match: /^PATCH .*\/services\//, status: 422 })
    server.fake?.misanswer({ match: /^PATCH .*\/deployments\//, status: 403 })
    await until('it is told', () => (infrastructure()?.problem ?? '') !== '')
    expect(infrastructure()?.problem).toMatch(
      /Deployment infra-\d+\/web-penstock cannot be made: .*Service infra-\d+\/web-penstock cannot be made: /,
    )
    expect(log.map(({ event }) => event)).toContain('infra_refused')
    server.fake?.answerRightly()
    want('uid-1')
    await stands('uid-1')
    await until('no problem is told', () => infrastructure()?.problem === '')
  })

  it('needs no more than a Role in the one namespace that it is for', async () => {
    const { server, admin, namespace, live, want, all, stands } = rig()
    // The fake one knows no Roles.
    if (server.fake) return
    const objects = kubeRightsObjects('infra-manager', { namespace, namespaces: [namespace] }) as ApiObject[]
    for (const object of objects) {
      const { kind } = object
      const group = kind === 'ServiceAccount' ? '' : 'rbac.authorization.k8s.io'
      await admin.create({ group, kind, plural: `${kind.toLowerCase()}s`, versions: ['v1'], namespaced: true }, object)
    }
    live('one', install, {
      user: `system:serviceaccount:${namespace}:infra-manager`,
      namespaces: [namespace],
    })
    want('uid-1')
    await stands('uid-1')
    want(undefined)
    await until('everything is gone', async () => (await all()).length === 0)
  })

  it('runs them by what a GatewayConfig says, and leaves nothing of what it said before', async () => {
    const { writer, live, want, refTo, all } = rig()
    live()
    const made = async (): Promise<string> => (await all()).map(({ kind }) => kind).join(' ')
    const always = 'ServiceAccount ConfigMap'
    const runs = (kind: KindInfo, status: PlainObject): Promise<unknown> =>
      writer.editStatus(refTo(kind), ({ metadata }) => ({ observedGeneration: metadata.generation ?? 1, ...status }))
    const autoscaling = { minReplicas: 2, maxReplicas: 3, targetCpuPercent: 50 }
    const budget = { minAvailable: '1', maxUnavailable: '' }
    want('uid-1', { parameters: { ...unsetParameters, autoscaling, disruptionBudget: budget } })
    const scaled = `${always} Deployment Service HorizontalPodAutoscaler PodDisruptionBudget`
    await until('they are scaled', async () => (await made()) === scaled)
    want('uid-1', { parameters: { ...unsetParameters, workload: 'DaemonSet' } })
    await until('they come to every node', async () => (await made()).includes('DaemonSet'))
    await runs(daemonSet, { desiredNumberScheduled: 1, numberReady: 1, updatedNumberScheduled: 1 })
    await until('they run there', async () => (await made()) === `${always} DaemonSet Service`)
    want('uid-1')
    await until('they come back', async () => (await made()).includes('Deployment'))
    await runs(deployment, { replicas: 1, readyReplicas: 1, updatedReplicas: 1 })
    await until('they run as before', async () => (await made()) === `${always} Deployment Service`)
  })

  it('had to do all this with every right that it has, so that none is too many', () => {
    const { server } = rig()
    // The real one does not tell.
    if (server.fake) expect([...(server.fake.exercised.get('infra') ?? [])].sort()).toEqual(singleRights(rights))
    // Nor does it ask for what it may not.
    expect(server.fake?.missed.get('infra')).toBeUndefined()
  })
})
