// Many edits at one time, of routes that are right and wrong in turn and of the Gateway's ports, so that every leader is
// in the middle of writing whenever something befalls it; and what must be so when it is over.
import { setTimeout as delay } from 'node:timers/promises'
import { until } from '@penstock/testkit'
import { hostOf } from '../chaos/chaos-folder.ts'
import { httpRoute, type Manifest } from '../features/manifests.ts'
import { allConditions, type StatusFile } from '../features/status-file.ts'
import { refTo } from './kinds.ts'
import { editOf, type Scene } from './scene.ts'
import { gatewayName, numberedPort, theGateway } from './scenery.ts'

const routes = ['a', 'b', 'c', 'd', 'e', 'f'].map((letter) => `storm-${letter}`)
const everyMs = { route: 200, gateway: 1_000 }
const lullDeadlineMs = 60_000

export interface Storm {
  /** Edits until `strike` resolves, and resolves itself when everything is as the last edit of each object says. */
  amid(strike: () => Promise<void>): Promise<void>
}

/** `tell` hears of what is not so within a minute. */
export function createStorm(scene: Scene, tell: (what: string) => void): Storm {
  const { write, remove, isWell, answer } = scene
  // None is opened twice.
  let ports = 0
  const openNextPort = (): Promise<void> => {
    ports += 1
    return write(theGateway({ name: `numbered-${ports}`, port: numberedPort(ports) }))
  }
  const isOpen = async (): Promise<boolean> =>
    (await isWell('Gateway', gatewayName)) && (await answer('exact-1', numberedPort(ports))).status === 200

  async function edit(strike: () => Promise<void>): Promise<ReadonlyMap<string, number>> {
    const last = new Map<string, number>()
    let over = false
    const again = async (everyMs: number, once: (number: number) => Promise<void>): Promise<void> => {
      for (let number = 1; !over; number += 1) {
        await once(number)
        await delay(Math.random() * 2 * everyMs)
      }
    }
    const editors = [
      ...routes.map((name) =>
        again(everyMs.route, async (number) => {
          await write(stormRoute(name, number))
          last.set(name, number)
        }),
      ),
      again(everyMs.gateway, openNextPort),
    ]
    try {
      await strike()
    } finally {
      over = true
      await Promise.all(editors)
    }
    return last
  }

  return {
    async amid(strike) {
      const last = await edit(strike)
      const untilSo = (name: string, isSo: () => Promise<boolean>): Promise<unknown> =>
        until(`${name} is as it was edited last`, () => isSo().catch(() => false), lullDeadlineMs).catch(
          (error: Error) => tell(`after the storm: ${error.message}`),
        )
      for (const [name, number] of last) await untilSo(name, () => isAsEdited(scene, name, number))
      await untilSo(gatewayName, isOpen)
      for (const name of last.keys()) await remove('HTTPRoute', name)
      await write(theGateway())
    },
  }
}

/** Every second edit names a Service that does not exist. */
const isRight = (edit: number): boolean => edit % 2 === 0

const stormRoute = (name: string, edit: number): Manifest => {
  const backends = isRight(edit) ? { v1: 1 } : { nowhere: 1 }
  return httpRoute(name, { host: hostOf(name), backends, answerHeaders: { 'x-edit': `${edit}` } })
}

async function isAsEdited({ kube, answer }: Scene, name: string, edit: number): Promise<boolean> {
  const object = await kube.get(refTo('HTTPRoute', name))
  if (!object?.['status']) return false
  const conditions = allConditions(object as unknown as StatusFile)
  const resolved = conditions.find(({ type }) => type === 'ResolvedRefs')
  const answered = await answer(name)
  return (
    conditions.every(({ observedGeneration }) => observedGeneration === object.metadata.generation) &&
    resolved?.status === (isRight(edit) ? 'True' : 'False') &&
    answered.status === (isRight(edit) ? 200 : 500) &&
    (!isRight(edit) || editOf(answered) === `${edit}`)
  )
}
