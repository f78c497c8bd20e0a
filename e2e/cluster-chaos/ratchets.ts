// What may only go forward, whoever leads: the generation that a status speaks of, and the number of the port that was
// opened last. A leader that wakes up in the middle of a write must not put back what its successor has written.
import type { ApiObject, Kube, Reflection } from '@penstock/kube'
import type { StatusFile } from '../features/status-file.ts'
import { namespace, refTo } from './kinds.ts'
import { numberedPort } from './scenery.ts'

interface Step {
  readonly what: string
  readonly uid: string
  /** Of the spec, where it has one. Where it went back, an older store was put in place, and all may go back with it. */
  readonly generation: number
  readonly at: number
}

/** `tell` hears of every step back, seen in the API server's own order. */
export function watchRatchets(kube: Kube, tell: (what: string) => void): AsyncDisposable {
  const last = new Map<string, Step>()
  const see = (step: Step): void => {
    const before = last.get(step.what)
    last.set(step.what, step)
    // A status may speak of a later generation than there is only from before that.
    const isSame = before?.uid === step.uid && before.generation <= step.generation && before.at <= before.generation
    if (isSame && step.at < before.at) tell(`${step.what} went back from ${before.at} to ${step.at}`)
  }
  const watch = (kind: string, positionOf: (object: ApiObject) => number | undefined): Reflection<Step> =>
    kube.reflect<Step>({
      kind: refTo(kind, '').kind,
      scope: { namespaces: [namespace] },
      transform: (object) => {
        const { name, uid, generation = Infinity } = object.metadata
        const at = positionOf(object)
        return at === undefined ? undefined : { what: `the ${meaning[kind]} of ${kind} ${name}`, uid, generation, at }
      },
      onChange: (changes) => changes.forEach(({ value }) => value && see(value)),
    })
  const watches = [
    ...['Gateway', 'HTTPRoute'].map((kind) => watch(kind, generationJudged)),
    watch('Service', lastNumberedPort),
  ]
  return {
    async [Symbol.asyncDispose]() {
      await Promise.all(watches.map((each) => each[Symbol.asyncDispose]()))
    },
  }
}

const meaning: Readonly<Record<string, string>> = {
  Gateway: 'status',
  HTTPRoute: 'status',
  Service: 'port',
}

function generationJudged(object: ApiObject): number | undefined {
  if (!object['status']) return undefined
  const { conditions = [], listeners = [], parents = [] } = (object as unknown as StatusFile).status
  const all = [...conditions, ...[...listeners, ...parents].flatMap((part) => part.conditions)]
  const judged = all.map(({ observedGeneration }) => observedGeneration)
  return judged.length === 0 ? undefined : Math.max(...judged)
}

function lastNumberedPort(object: ApiObject): number | undefined {
  const { ports = [] } = (object['spec'] ?? {}) as { readonly ports?: readonly { readonly port: number }[] }
  const numbered = ports.map(({ port }) => port).filter((port) => port >= numberedPort(0))
  return numbered.length === 0 ? undefined : Math.max(...numbered)
}
