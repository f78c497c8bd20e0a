// Edits under load on a real Envoy: not one request may notice.
import { setImmediate as turn } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { exchange, freePorts, startEchoBackend } from '@penstock/testkit'
import { attachment, type KeyedRecord, listener, rule, service, to } from '../plane-envoy/records.ts'
import { type Rig, startRig } from './rig.ts'

const stack = new AsyncDisposableStack()
let rig: Rig
let port = 0
let backendPort = 0

const http = (): ReturnType<typeof listener> => listener('http', { port })
const routeTo = (name: string): KeyedRecord =>
  rule('foo', [attachment(http(), 'foo.example.com')], { backends: [to(name)] })
const gone = ({ key }: KeyedRecord) => ({ key, record: undefined })

beforeAll(async () => {
  const backend = stack.use(await startEchoBackend('echo'))
  backendPort = backend.port
  ;[port = 0] = await freePorts(1)
  rig = stack.use(await startRig([http(), routeTo('b0'), ...service('b0', [backendPort])]))
})

afterAll(() => stack.disposeAsync())

/** Asks without a pause until told to stop; resolves with every answer that was not 200. */
function load(): { stop(): Promise<{ asked: number; failed: number[] }> } {
  let over = false
  const failed: number[] = []
  let asked = 0
  const loop = async (): Promise<void> => {
    while (!over) {
      const { status } = await exchange({ port, host: 'foo.example.com' })
      asked += 1
      if (status !== 200) failed.push(status)
      await turn()
    }
  }
  const loops = Promise.all([loop(), loop(), loop()])
  return {
    async stop() {
      over = true
      await loops
      return { asked, failed }
    },
  }
}

describe('under load', () => {
  it('a route moves to a backend that comes while its old one goes, 40 times', async () => {
    const traffic = load()
    for (let number = 1; number <= 40; number += 1) {
      const [old, next] = [`b${number - 1}`, `b${number}`]
      rig.commit([routeTo(next), ...service(next, [backendPort]), ...service(old, [backendPort]).map(gone)])
      await rig.settled()
    }
    const { asked, failed } = await traffic.stop()
    expect(failed).toEqual([])
    expect(asked).toBeGreaterThan(100)
    expect(rig.proxy()?.rejections).toEqual([])
  })

  it('commits faster than Envoy answers, 200 of them, end in the last', async () => {
    const traffic = load()
    for (let number = 41; number <= 240; number += 1) {
      const [old, next] = [`b${number - 1}`, `b${number}`]
      rig.commit([routeTo(next), ...service(next, [backendPort]), ...service(old, [backendPort]).map(gone)])
      if (number % 20 === 0) await turn()
    }
    await rig.settled()
    const { failed } = await traffic.stop()
    expect(failed).toEqual([])
  })

  it('an unused cluster is gone a while later, and none is left warming', async () => {
    await rig.envoy.waitFor('one cluster is left', async ({ stats }) => {
      const clusters = await stats('^cluster_manager.(active|warming)_clusters$')
      return (
        clusters.get('cluster_manager.active_clusters') === 2 && clusters.get('cluster_manager.warming_clusters') === 0
      )
    })
  })
})
