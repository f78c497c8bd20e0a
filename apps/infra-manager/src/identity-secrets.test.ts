// What stands under the name of a fleet's Secret, what is remembered of it, and what happens between a look and a write.
import { expect, it } from '@jest/globals'
import { Fault } from '@penstock/fault'
import { createAuthority } from '@penstock/identity/authority'
import type { ApiObject, PlainObject, Writer } from '@penstock/kube'
import { until } from '@penstock/testkit'
import { newKeys } from './authority.test-data.ts'
import { infraOf, install, onEachServer } from './cluster-rig.test-data.ts'
import { createIdentitySecrets, type IdentitySecrets } from './identity-secrets.ts'
import { fleetAnnotation, identityAnnotation, secret, serviceAccount } from './owned-kinds.ts'

const keys = await newKeys()

interface Opened {
  readonly secrets: IdentitySecrets
  readonly problems: string[]
  /** One word for each answer to the writer. */
  readonly said: string[]
}

onEachServer((rig) => {
  interface Moments {
    /** Once, after the first look. */
    looked?(): Promise<unknown>
    /** Before each replacement is sent. */
    replacing?(): Promise<unknown>
    /** Once, after the first write. */
    written?(): Promise<unknown>
  }
  async function open(moments: Moments = {}): Promise<Opened> {
    const { admin, fleet, namespace, writer: own } = rig()
    const metadata = { namespace, name: 'web-penstock', annotations: { [fleetAnnotation]: fleet } }
    if (!(await rig().find(serviceAccount))) await admin.create(serviceAccount, { metadata })
    const authority = createAuthority({ install, ...keys, nowMs: Date.now })
    const [problems, said] = [[] as string[], [] as string[]]
    const once = async (word: string, moment: () => Promise<unknown> = async () => {}): Promise<void> => {
      if (said.push(word) && said.filter((each) => each === word).length === 1) await moment()
    }
    const writer: Writer = {
      ...own,
      async create(ref, body) {
        const written = await own.create(ref, body)
        await once('created', moments.written)
        return written
      },
      async replace(ref, body, on) {
        if (!on?.dryRun) await moments.replacing?.()
        const written = await own.replace(ref, body, on)
        if (!on?.dryRun) expect(on).toMatchObject({ uid: expect.any(String), resourceVersion: expect.any(String) })
        await (on?.dryRun ? once('looked', moments.looked) : once('replaced', moments.written))
        return written
      },
    }
    const secrets = createIdentitySecrets({
      ...{ kube: admin, install, writer, validMs: 3_600_000, nowMs: Date.now, authority: () => authority },
      onProblem: (_, problem) => void problems.push(problem),
    })
    secrets.want(fleet, infraOf(namespace, 'uid-1'))
    secrets.open()
    return { secrets, problems, said }
  }
  const textIn = (object: ApiObject | undefined): Record<string, string> =>
    (object?.['data'] ?? {}) as Record<string, string>
  const versionOf = async (): Promise<string | undefined> => (await rig().find(secret))?.metadata.resourceVersion
  const record = async (): Promise<string | undefined> =>
    (await rig().find(serviceAccount))?.metadata.annotations?.[identityAnnotation]
  const remember = (text: string) =>
    rig().writer.apply(
      rig().refTo(serviceAccount),
      { metadata: { annotations: { [identityAnnotation]: text } } },
      { force: true },
    )
  const there = (content: PlainObject = {}, annotations?: Record<string, string>): Promise<ApiObject> => {
    const metadata = { namespace: rig().namespace, name: 'web-penstock', ...(annotations && { annotations }) }
    return rig().admin.create(secret, { ...content, metadata })
  }

  it('leaves somebody else’s alone that came when there was none', async () => {
    let theirs: ApiObject | undefined
    const { secrets, problems } = await open({
      async looked() {
        theirs = await there({ data: { password: 'eA==' } })
      },
    })
    await until('it is told', () => problems.at(-1)?.includes('not made by Penstock'))
    await secrets[Symbol.asyncDispose]()
    expect(await versionOf()).toBe(theirs?.metadata.resourceVersion)
    expect(theirs?.metadata.resourceVersion).toBeDefined()
  })

  it('looks again at what was written since it looked', async () => {
    const { fleet, writer, refTo, find } = rig()
    await there({}, { [fleetAnnotation]: fleet })
    const annotations = { [fleetAnnotation]: 'theirs' }
    const { secrets, problems } = await open({
      looked: () => writer.apply(refTo(secret), { metadata: { annotations } }, { force: true }),
    })
    await until('it is told', () => problems.at(-1)?.includes('not made by Penstock'))
    expect(textIn(await find(secret))).toEqual({})
    await writer.apply(refTo(secret), { metadata: { annotations: { [fleetAnnotation]: fleet } } }, { force: true })
    secrets.lookAtAll()
    await until('it is ours', async () => 'tls.key' in textIn(await find(secret)))
    await secrets[Symbol.asyncDispose]()
  })

  it.each<[string, PlainObject, string | undefined]>([
    ['names another fleet', {}, 'other~web'],
    ['has another type', { type: 'example.dev/other' }, undefined],
    ['may not change', { immutable: true }, undefined],
  ])('leaves one alone that %s, whatever is remembered', async (_, content, of) => {
    const data = { password: 'eA==' }
    const { metadata } = await there({ data, ...content }, of === undefined ? undefined : { [fleetAnnotation]: of })
    const { secrets, problems } = await open()
    await until('it is told', () => problems.at(-1)?.includes('not made by Penstock'))
    const { uid, resourceVersion } = metadata
    await remember(JSON.stringify({ uid, resourceVersion, renewAtMs: 0, print: '' }))
    const told = problems.length
    secrets.lookAtAll()
    await until('it is told again', () => problems.length > told)
    await secrets[Symbol.asyncDispose]()
    expect(problems.filter((problem) => !problem.includes('not made by Penstock'))).toEqual([])
    expect(await versionOf()).toBe(resourceVersion)
  })

  it('leaves one alone of which nobody kept track who wrote it', async () => {
    const { admin, fleet, namespace } = rig()
    await there({}, { [fleetAnnotation]: fleet })
    const path = `/api/v1/namespaces/${namespace}/secrets/web-penstock`
    const body = { metadata: { managedFields: [{}] } }
    await admin.request({ method: 'PATCH', path, contentType: 'application/merge-patch+json', body })
    const { secrets, problems } = await open()
    await until('it is told', () => problems.at(-1)?.includes('not made by Penstock'))
    await secrets[Symbol.asyncDispose]()
    expect(textIn(await rig().find(secret))).toEqual({})
  })

  it('writes nothing when it stands as it was written, whoever leads', async () => {
    const first = await open()
    await rig().remembered()
    await first.secrets[Symbol.asyncDispose]()
    const before = [await versionOf(), await record()]
    const { secrets, problems, said } = await open()
    await until('it was looked at', () => problems.length === 1)
    secrets.lookAtAll()
    await until('it was looked at again', () => problems.length === 2)
    await secrets[Symbol.asyncDispose]()
    expect(said).toEqual(['looked', 'looked'])
    expect([await versionOf(), await record()]).toEqual(before)
  })

  it('goes on when it ended between a write and what it was to remember of it', async () => {
    const first = await open({
      async written() {
        throw new Fault('lease_lost', 'it ends')
      },
    })
    await until('it is written', async () => (await versionOf()) !== undefined)
    await first.secrets[Symbol.asyncDispose]()
    const [before, key] = [await versionOf(), textIn(await rig().find(secret))['tls.key']]
    expect([before, await record()]).toEqual([expect.any(String), undefined])
    const { secrets, problems } = await open()
    await rig().remembered()
    await secrets[Symbol.asyncDispose]()
    expect(textIn(await rig().find(secret))['tls.key']).not.toBe(key)
    expect(problems.filter((problem) => problem !== '')).toEqual([])
  })

  it('loses what is on its way for so long that another leader has written', async () => {
    await there({}, { [fleetAnnotation]: rig().fleet })
    const { promise: late, resolve: arrive } = Promise.withResolvers<void>()
    const first = await open({ replacing: () => late })
    await until('it was looked at', () => first.said.length > 0)
    const second = await open()
    await rig().remembered()
    const before = await versionOf()
    arrive()
    await until('it arrived', () => first.said.includes('replaced'))
    await until('it was looked at again', () => first.said.at(-1) === 'looked')
    await Promise.all([first, second].map(({ secrets }) => secrets[Symbol.asyncDispose]()))
    expect(await versionOf()).toBe(before)
    expect(first.said.filter((each) => each === 'replaced')).toHaveLength(1)
  })

  it.each([
    'no JSON',
    'null',
    '{}',
    '{"uid":1}',
    '{"uid":"x","resourceVersion":"0","renewAtMs":9e15,"print":""}',
    '{"uid":"x","resourceVersion":"y","renewAtMs":9e15,"print":""}',
    '{"uid":"x","resourceVersion":"99999999999999999999999","renewAtMs":9e15,"print":""}',
    '{"uid":"x","resourceVersion":"7","renewAtMs":9e15,"print":""}',
  ])('makes it anew, once, when what was remembered is %s', async (text) => {
    const { secrets } = await open()
    await rig().remembered()
    const before = await versionOf()
    await remember(text)
    secrets.lookAtAll()
    await until('another one', async () => (await versionOf()) !== before)
    await rig().remembered()
    await secrets[Symbol.asyncDispose]()
  })
})
