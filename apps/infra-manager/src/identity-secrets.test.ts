// What happens to a Secret between the look at it and the write.
import { expect, it, jest } from '@jest/globals'
import { createAuthority } from '@penstock/identity/authority'
import type { ApiObject, Writer } from '@penstock/kube'
import { until } from '@penstock/testkit'
import { newKeys } from './authority.test-data.ts'
import { infraOf, install, onEachServer } from './cluster-rig.test-data.ts'
import { createIdentitySecrets, type IdentitySecrets } from './identity-secrets.ts'
import { fleetAnnotation, secret, serviceAccount } from './owned-kinds.ts'

jest.setTimeout(20_000)

onEachServer((rig) => {
  /** `meanwhile` is done once, after the first look. */
  async function open(meanwhile: () => Promise<unknown>): Promise<{ secrets: IdentitySecrets; problems: string[] }> {
    const { admin, fleet, namespace, writer: own } = rig()
    const metadata = { namespace, name: 'web-penstock', annotations: { [fleetAnnotation]: fleet } }
    await admin.create(serviceAccount, { metadata })
    const authority = createAuthority({ install, ...(await newKeys()), nowMs: Date.now })
    const [problems, looks] = [[] as string[], [] as string[]]
    const writer: Writer = {
      ...own,
      async confirm(ref, annotation, value) {
        const found = await own.confirm(ref, annotation, value)
        if (looks.push(found.is) === 1) await meanwhile()
        return found
      },
    }
    const secrets = createIdentitySecrets({
      ...{ kube: admin, install, writer, validMs: 3_600_000, nowMs: Date.now, authority: () => authority },
      onProblem: (_, problem) => void problems.push(problem),
    })
    secrets.want(fleet, infraOf(namespace, 'uid-1'))
    secrets.open()
    return { secrets, problems }
  }
  const textIn = (object: ApiObject | undefined): Record<string, string> =>
    (object?.['data'] ?? {}) as Record<string, string>

  it('leaves somebody else’s alone that came when there was none', async () => {
    const { admin, namespace } = rig()
    let theirs: ApiObject | undefined
    const { secrets, problems } = await open(async () => {
      theirs = await admin.create(secret, {
        ...{ data: { password: 'eA==' } },
        metadata: { namespace, name: 'web-penstock' },
      })
    })
    await until('it is told', () => problems.at(-1)?.includes('not made by Penstock'))
    await secrets[Symbol.asyncDispose]()
    expect((await rig().find(secret))?.metadata.resourceVersion).toBe(theirs?.metadata.resourceVersion)
    expect(theirs?.metadata.resourceVersion).toBeDefined()
  })

  it('looks again at what was written since it looked', async () => {
    const { admin, fleet, namespace, writer, refTo, find } = rig()
    const metadata = { namespace, name: 'web-penstock', annotations: { [fleetAnnotation]: fleet } }
    await admin.create(secret, { metadata })
    const annotations = { [fleetAnnotation]: 'theirs' }
    const { secrets, problems } = await open(() =>
      writer.apply(refTo(secret), { metadata: { annotations } }, { force: true }),
    )
    await until('it is told', () => problems.at(-1)?.includes('not made by Penstock'))
    expect(textIn(await find(secret))).toEqual({})
    await writer.apply(refTo(secret), { metadata: { annotations: { [fleetAnnotation]: fleet } } }, { force: true })
    secrets.lookAtAll()
    await until('it is ours', async () => 'tls.key' in textIn(await find(secret)))
    await secrets[Symbol.asyncDispose]()
  })
})
