import { existsSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type ControlPlane, startControlPlane } from './control-plane.ts'
import { kubernetesIsBuilt } from './kubernetes-programs.ts'

const suite = (await kubernetesIsBuilt()) ? describe : describe.skip

suite('a control plane', () => {
  let plane: ControlPlane

  beforeAll(async () => {
    plane = await startControlPlane({ controllerManager: true })
  }, 90_000)

  afterAll(() => plane.stop())

  it('has controllers: a new namespace gets its service account', async () => {
    await plane.kubectl('create', 'namespace', 'one')
    await plane.kubectl('wait', '--for=create', '--timeout=20s', '-n=one', 'serviceaccount/default')
  })

  it('keeps what it holds when the API server is killed', async () => {
    await plane.kubectl('create', 'configmap', 'kept', '--from-literal=a=b')
    await plane.apiServer.kill()
    await expect(plane.kubectl('get', 'configmap', 'kept')).rejects.toThrow('refused')
    await plane.apiServer.start()
    expect(await plane.kubectl('get', 'configmap', 'kept', '--output=jsonpath={.data.a}')).toBe('b')
  }, 90_000)

  it('leaves no process and no file', async () => {
    const other = await startControlPlane()
    const pids = [other.etcd.pid, other.apiServer.pid]
    await other.stop()
    expect(pids.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([])
    expect(existsSync(other.dir)).toBe(false)
  }, 90_000)
})
