// The identities of proxies in a cluster, made with the rights of an infra-manager.
import { X509Certificate } from 'node:crypto'
import { expect, it } from '@jest/globals'
import { identifyCertificate, verifyToken } from '@penstock/identity'
import type { ApiObject } from '@penstock/kube'
import { until } from '@penstock/testkit'
import { dayMs, newKeys, readAuthority, writeAuthority } from './authority.test-data.ts'
import { keyOf, onEachServer } from './cluster-rig.test-data.ts'
import { deployment, secret, serviceAccount } from './owned-kinds.ts'

onEachServer(
  (rig) => {
    async function files(): Promise<Record<string, string>> {
      const data = Object.entries(((await rig().find(secret))?.['data'] ?? {}) as Record<string, string>)
      return Object.fromEntries(data.map(([file, text]) => [file, Buffer.from(text, 'base64').toString()]))
    }
    const stands = (file = 'tls.crt') => until('there is an identity', async () => (await files())[file] !== undefined)
    const fleetOf = async (): Promise<unknown> =>
      identifyCertificate(new X509Certificate((await files())['tls.crt'] ?? ''), { install: 'test', nowMs: Date.now() })
    const template = async (): Promise<string> =>
      JSON.stringify(((await rig().find(deployment))?.['spec'] as { template?: unknown } | undefined)?.template)
    /** What happens when a pod cannot start: its workload says more of itself. */
    const touch = (replicas: number) =>
      rig().writer.editStatus(rig().refTo(deployment), () => ({ replicas, unavailableReplicas: replicas }))

    it('name their fleet, are mounted by its pods, and go with its account', async () => {
      rig().live()
      rig().want('uid-1', { labels: { team: 'a' } })
      await stands()
      expect(await fleetOf()).toMatchObject({ fleet: rig().fleet })
      expect(Object.keys(await files()).toSorted()).toEqual(['ca.crt', 'tls.crt', 'tls.key'])
      const account = await rig().find(serviceAccount)
      const made = (await rig().find(secret)) as ApiObject
      expect(made.metadata.ownerReferences).toMatchObject([{ kind: 'ServiceAccount', uid: account?.metadata.uid }])
      expect(made.metadata.labels).toMatchObject({ team: 'a', 'penstock.dev/install': 'test' })
      await until('the workload', async () => (await rig().find(deployment)) !== undefined)
      expect(await template()).toContain('{"secretName":"web-penstock","defaultMode":288}')
      expect(rig().infrastructure()?.problem).toBe('')
    })

    it('are put back when somebody deletes or edits them, once a pod waits', async () => {
      rig().live()
      rig().want('uid-1')
      await stands()
      const before = await files()
      const { metadata } = (await rig().find(secret)) as ApiObject
      const data = { 'tls.crt': Buffer.from('mine').toString('base64') }
      await rig().writer.apply(rig().refTo(secret), { data }, { force: true })
      await touch(2)
      await until('another one', async () => (await files())['tls.crt']?.startsWith('-----BEGIN') === true)
      expect((await files())['tls.key']).not.toBe(before['tls.key'])
      await rig().writer.delete(rig().refTo(secret), { uid: metadata.uid })
      await touch(3)
      await stands()
      expect(await fleetOf()).toMatchObject({ fleet: rig().fleet })
    })

    it('stay as they are when another infra-manager takes over, and are others with other labels', async () => {
      const { admin, fleet, namespace, feedback, live, want, find } = rig()
      const versions = new Set<string>()
      admin.reflect<string>({
        ...{ kind: secret, scope: { namespaces: [namespace] } },
        transform: ({ metadata }) => metadata.resourceVersion,
        onChange: (changes) => changes.forEach(({ value }) => value && versions.add(value)),
      })
      const first = live()
      want('uid-1')
      await stands()
      await rig().remembered()
      await first[Symbol.asyncDispose]()
      live('two')
      await until('the other leads', () => feedback.has(keyOf(fleet, 'two')))
      want('uid-1', { labels: { team: 'b' } })
      await until('the label', async () => (await find(secret))?.metadata.labels?.['team'] === 'b')
      const last = (await find(secret))?.metadata.resourceVersion ?? ''
      await until('all versions are known', () => versions.has(last))
      expect(versions.size).toBe(2)
    })

    it('are renewed before they end, and no pod starts anew for that', async () => {
      rig().live('one', 'test', { identityValidMs: 3_000 })
      rig().want('uid-1')
      await stands()
      await until('the workload', async () => (await rig().find(deployment)) !== undefined)
      const [before, pods] = [await files(), await template()]
      await until('another one', async () => (await files())['tls.crt'] !== before['tls.crt'])
      expect(await fleetOf()).toMatchObject({ fleet: rig().fleet })
      expect(await template()).toBe(pods)
    })

    it('are of the authority as it is now; with the same key, no pod starts anew', async () => {
      rig().live()
      rig().want('uid-1')
      await stands()
      await until('the workload', async () => (await rig().find(deployment)) !== undefined)
      const pods = await template()
      const { identityCa } = rig()
      const [old, next] = [await readAuthority(identityCa), await newKeys()]
      const certificatePem = old.certificatePem + next.certificatePem
      await writeAuthority(identityCa, { ...old, certificatePem })
      await until('both are trusted', async () => (await files())['ca.crt'] === certificatePem)
      expect(await template()).toBe(pods)
      await writeAuthority(identityCa, { ...next, certificatePem })
      const signedByNext = async (): Promise<boolean> =>
        new X509Certificate((await files())['tls.crt'] ?? '').checkIssued(new X509Certificate(next.certificatePem))
      await until('the other one signs', signedByNext)
    })

    it('are issued once by an authority that has ended: it has no better ones', async () => {
      const { server, identityCa, live, want, find, remembered } = rig()
      // Of the real one nobody knows what it was asked.
      if (!server.fake) return
      const { requests } = server.fake
      await writeAuthority(identityCa, await newKeys(Date.now() - 20 * dayMs))
      live()
      want('uid-1')
      await stands()
      await remembered()
      const { metadata } = (await find(secret)) as ApiObject
      const looks = (): number => requests.filter((each) => /^PUT .*\/secrets\/.*dryRun/.test(each)).length
      for (const replicas of [2, 3, 4]) {
        const before = looks()
        await touch(replicas)
        await until('it was looked at', () => looks() > before)
      }
      expect((await find(secret))?.metadata.resourceVersion).toBe(metadata.resourceVersion)
    })

    it('take nothing of the same name that is not ours, and read nothing of it', async () => {
      const { admin, namespace } = rig()
      const theirs = { metadata: { namespace, name: 'web-penstock' }, data: { password: 'c2VjcmV0' } }
      const { metadata } = await admin.create(secret, theirs)
      rig().live()
      rig().want('uid-1')
      await until('it is told', () => (rig().infrastructure()?.problem ?? '') !== '')
      expect(rig().infrastructure()?.problem).toMatch(
        new RegExp(`^Secret ${namespace}/web-penstock cannot be made: there is one that was not made by Penstock`),
      )
      expect(rig().infrastructure()?.problem).not.toMatch(/password|c2VjcmV0/)
      expect((await rig().find(secret))?.metadata.resourceVersion).toBe(metadata.resourceVersion)
      await rig().writer.delete(rig().refTo(secret), { uid: metadata.uid })
      await touch(2)
      await stands()
      await until('no problem is told', () => rig().infrastructure()?.problem === '')
    })

    it('are tokens where the plane shows no certificate, and of what the plane needs', async () => {
      rig().live()
      rig().want('uid-1', { plane: 'agentgateway' })
      await stands('token')
      const { token = '', ...others } = await files()
      expect(Object.keys(others)).toEqual(['ca.crt'])
      const { certificatePem: caPem } = await readAuthority(rig().identityCa)
      const check = { install: 'test', caPem, nowMs: Date.now() }
      expect(await verifyToken(token, check)).toMatchObject({ fleet: rig().fleet })
      rig().want('uid-1')
      await stands()
      expect(await files()).not.toHaveProperty('token')
    })

    it('go when the fleet does, though we may delete none', async () => {
      // The fake one collects no garbage.
      if (rig().server.fake) return
      rig().live()
      rig().want('uid-1')
      await stands()
      rig().want(undefined)
      await until('the Secret is gone', async () => (await rig().find(secret)) === undefined)
    })
  },
  { controllerManager: true },
)
