// Objects that carry our labels and name a fleet, but are not where and what the fleet's are: anyone who may write in one
// namespace can make them.
import { expect, it } from '@jest/globals'
import type { KindInfo } from '@penstock/gateway-api'
import { unsetParameters } from '@penstock/ir'
import type { ApiObject, ObjectRef, PlainObject } from '@penstock/kube'
import { until } from '@penstock/testkit'
import { install, namespaceKind, onEachServer } from './cluster-rig.test-data.ts'
import { daemonSet, deployment, fleetAnnotation, managedBy, service } from './owned-kinds.ts'

const labels = { app: 'theirs' }
const podTemplate = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'theirs:1' }] } }
const workload = { spec: { selector: { matchLabels: labels }, template: podTemplate } }

onEachServer((rig) => {
  /** In another namespace under the fleet's name, and in the fleet's under another. */
  async function impostors(kind: KindInfo, content: PlainObject, status: PlainObject): Promise<ObjectRef[]> {
    const { admin, fleet, namespace, writer } = rig()
    const refs = [
      { kind, namespace: `${namespace}-theirs`, name: 'web-penstock' },
      { kind, namespace, name: 'other-penstock' },
    ]
    for (const { namespace, name } of refs) {
      const metadata = { namespace, name, labels: managedBy(install), annotations: { [fleetAnnotation]: fleet } }
      await admin.create(kind, { ...content, metadata })
      await writer.editStatus({ kind, namespace, name }, () => status)
    }
    return refs
  }
  const find = (refs: readonly ObjectRef[]): Promise<(ApiObject | undefined)[]> =>
    Promise.all(refs.map((ref) => rig().admin.get(ref)))
  const theirNamespace = () => rig().admin.create(namespaceKind, { metadata: { name: `${rig().namespace}-theirs` } })

  it('say nothing of a fleet, stand in for nothing of it, and are not removed with it', async () => {
    const { writer, live, want, refTo, all, stands, infrastructure } = rig()
    await theirNamespace()
    const services = await impostors(
      service,
      { spec: { type: 'LoadBalancer', ports: [{ port: 80 }] } },
      { loadBalancer: { ingress: [{ ip: '203.0.113.66', ipMode: 'VIP' }] } },
    )
    const serving = { desiredNumberScheduled: 7, currentNumberScheduled: 7, numberMisscheduled: 0, numberReady: 7 }
    const sets = await impostors(daemonSet, workload, {
      ...{ ...serving, updatedNumberScheduled: 7, observedGeneration: 1 },
    })
    const before = await find([...services, ...sets])
    live()
    want('uid-1')
    await stands('uid-1')
    await writer.editStatus(refTo(service), () => ({
      loadBalancer: { ingress: [{ ip: '10.0.0.7', ipMode: 'VIP' }] },
    }))
    await until('the address', () => infrastructure()?.addresses.length !== 0)
    expect(infrastructure()).toMatchObject({ addresses: [{ value: '10.0.0.7' }], replicasWanted: 1, replicasReady: 0 })
    want('uid-1', { parameters: { ...unsetParameters, workload: 'DaemonSet' }, labels: { team: 'a' } })
    // The last that is made; after it comes what is to be removed.
    await stands('uid-1', 5)
    want('uid-1', { parameters: { ...unsetParameters, workload: 'DaemonSet' }, labels: { team: 'b' } })
    await until('it was built again', async () => (await all()).at(-1)?.metadata.labels?.['team'] === 'b')
    expect((await all()).map(({ kind }) => kind)).toContain('Deployment')
    want(undefined)
    await until('everything is gone', async () => (await all()).length === 0)
    expect(await find([...services, ...sets])).toEqual(before)
  })

  it('do not make ours what somebody else has under the name of an object of the fleet', async () => {
    const { admin, namespace, live, want, stands, find: found, infrastructure } = rig()
    await theirNamespace()
    await impostors(deployment, workload, {})
    const { metadata } = await admin.create(deployment, {
      ...{ ...workload, metadata: { namespace, name: 'web-penstock' } },
    })
    live()
    want('uid-1')
    await until('it is told', () => infrastructure()?.problem.includes('was not made by Penstock') === true)
    expect((await found(deployment))?.metadata.labels).toBeUndefined()
    await rig().writer.delete(rig().refTo(deployment), { uid: metadata.uid })
    want('uid-1', { labels: { team: 'a' } })
    await stands('uid-1')
  })

  it('are left alone when they name what is no Gateway, or one that is not wanted', async () => {
    const { admin, fleet, namespace, live, want, stands } = rig()
    const odd = [`${fleet}~web`, 'web', `~${namespace}`, '~', `${namespace}~`, `${namespace}~gone`]
    const refs = odd.map((_, index) => ({ kind: service, namespace, name: `odd-${index}` }))
    for (const [index, of] of odd.entries()) {
      const annotations = { [fleetAnnotation]: of }
      const metadata = { namespace, name: `odd-${index}`, labels: managedBy(install), annotations }
      await admin.create(service, { ...{ spec: { ports: [{ port: 80 }] } }, metadata })
    }
    const before = await find(refs)
    live()
    want('uid-1')
    await stands('uid-1')
    expect(await find(refs)).toEqual(before)
  })
})
