// How many pods a server has, once a HorizontalPodAutoscaler says it and not its values: nobody else moves the number. The
// autoscaler of this test is kubectl, which writes the number where an autoscaler does, into the subresource `scale`.
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { kubernetesIsBuilt } from '@penstock/testkit'
import { type Asked, startAsked } from './asked.ts'

jest.setTimeout(120_000)
const suite = (await kubernetesIsBuilt()) ? describe : describe.skip

suite('a server that is scaled by load', () => {
  let asked: Asked
  beforeAll(async () => {
    asked = await startAsked()
  })
  afterAll(async () => {
    await asked?.[Symbol.asyncDispose]()
  })

  /** A namespace with a release of its own. */
  async function install(namespace: string, ...values: readonly string[]) {
    const place = ['--namespace', namespace]
    const chart = 'xds-server'
    const server = {
      upgrade: (...args: readonly string[]) => asked.helm('upgrade', chart, chart, ...place, ...args),
      rollback: (...args: readonly string[]) => asked.helm('rollback', chart, ...place, ...args),
      scaleTo: (count: number) => asked.kubectl(['scale', 'deployment/xds-server', `--replicas=${count}`, ...place]),
      replicas: async (): Promise<number> =>
        Number(await asked.kubectl(['get', 'deployment/xds-server', ...place, '--output=jsonpath={.spec.replicas}'])),
    }
    await asked.helm('install', chart, chart, '--create-namespace', ...place, ...values)
    return server
  }
  const byLoad = ['--set', 'autoscaling.enabled=true']

  it('has as many as it had, when it comes to be', async () => {
    const server = await install('switched-on', '--set', 'replicas=3')
    await server.upgrade(...byLoad)
    expect(await server.replicas()).toBe(3)
    // Nor later, as long as the autoscaler has not had to say anything.
    await server.upgrade(...byLoad, '--set', 'pod.annotations.a=b')
    expect(await server.replicas()).toBe(3)
  })

  it('has what the autoscaler said, whatever is upgraded', async () => {
    const server = await install('upgraded', '--set', 'replicas=2')
    await server.upgrade(...byLoad)
    await server.scaleTo(7)
    await server.upgrade(...byLoad, '--set', 'pod.annotations.a=b')
    expect(await server.replicas()).toBe(7)
    expect(await asked.helm('get', 'manifest', 'xds-server', '--namespace=upgraded')).not.toContain('  replicas:')
  })

  it('has what the autoscaler said, when it was never anything else', async () => {
    const server = await install('from-the-start', ...byLoad)
    await server.scaleTo(7)
    await server.upgrade(...byLoad, '--set', 'pod.annotations.a=b')
    expect(await server.replicas()).toBe(7)
  })

  it('has what its values say, when it ends, or helm says who else says a number', async () => {
    const fromTheStart = await install('switched-off', ...byLoad)
    await fromTheStart.scaleTo(7)
    await fromTheStart.upgrade('--set', 'replicas=3')
    expect(await fromTheStart.replicas()).toBe(3)
    const server = await install('conflict', '--set', 'replicas=2')
    await server.upgrade(...byLoad)
    await server.scaleTo(7)
    await expect(server.upgrade('--set', 'replicas=3')).rejects.toThrow('.spec.replicas')
    await server.upgrade('--set', 'replicas=3', '--force-conflicts')
    expect(await server.replicas()).toBe(3)
  })

  it('goes back to where it was not scaled yet, or was for the first time, when that is insisted on', async () => {
    const server = await install('back', '--set', 'replicas=2')
    await server.upgrade(...byLoad)
    await server.scaleTo(7)
    await server.upgrade(...byLoad, '--set', 'pod.annotations.a=b')
    for (const revision of ['2', '1']) {
      await expect(server.rollback(revision)).rejects.toThrow('.spec.replicas')
      await server.rollback(revision, '--force-conflicts')
      expect(await server.replicas()).toBe(2)
      await server.scaleTo(7)
    }
  })
})
