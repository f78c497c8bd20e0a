// The edits that go on while the chaos lasts, in turn and for ever.
import { editedRoute, hostOf } from '../chaos/chaos-folder.ts'
import type { Edit } from '../chaos/edits.ts'
import { httpRoute } from '../features/manifests.ts'
import { editOf, type Scene } from './scene.ts'
import { backendService } from './scenery.ts'

/** Added routes that exist at a time. */
const addedAtOnce = 3

export function createEdits(scene: Scene, onRefused: (why: string) => void): { next(): Edit } {
  const { isWell, answer } = scene
  const kind = 'HTTPRoute'
  const added: string[] = []
  let number = 0
  // One after the other, as a person makes them.
  let writing = Promise.resolve()
  const inTurn = (work: () => Promise<void>) => (): Promise<void> =>
    (writing = writing.then(work).catch((error: Error) => onRefused(error.message)))

  const change = (name: string): Edit => {
    const edit = number
    return {
      target: name,
      write: inTurn(() => scene.write(editedRoute(name, edit))),
      isLive: async () => Number(editOf(await answer(name))) >= edit,
      isTold: () => isWell(kind, name),
    }
  }
  const move = (): Edit => {
    const backend = number % 2 === 0 ? 'v1' : 'v2'
    return {
      target: 'moving',
      write: inTurn(() => scene.write(backendService('moving', backend, 8080))),
      isLive: async () => (await answer('moving')).headers['x-backend-name'] === backend,
      isTold: () => true,
    }
  }
  const add = (): Edit => {
    const name = `added-${number}`
    added.push(name)
    return {
      target: name,
      write: inTurn(() => scene.write(httpRoute(name, { host: hostOf(name) }))),
      isLive: async () => (await answer(name)).status === 200,
      isTold: () => isWell(kind, name),
    }
  }
  const remove = (): Edit => {
    const name = added.length > addedAtOnce ? added.shift() : undefined
    if (name === undefined) return change('edited')
    return {
      target: name,
      write: inTurn(() => scene.remove(kind, name)),
      isLive: async () => (await answer(name)).status === 404,
      isTold: () => true,
    }
  }
  const turn = [() => change('edited'), add, move, () => change('mended'), remove, move, add, remove]
  return {
    next() {
      number += 1
      return (turn[number % turn.length] ?? move)()
    },
  }
}
