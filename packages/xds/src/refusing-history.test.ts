import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { DeltaClient, DeltaResponse } from './index.ts'
import { cluster, endpoints, gone, heldBy, route, scope, set, startRig } from './rig.ts'

const types = [cluster, endpoints, route, scope]

type Step =
  | { do: 'set'; typeUrl: string; name: string; body: string }
  | { do: 'gone' | 'subscribe' | 'unsubscribe'; typeUrl: string; name: string }
  | { do: 'answer' | 'reconnect' | 'turn' }

const typeUrl = fc.constantFrom(...types)
const name = fc.constantFrom('a', 'b', 'c', 'd', 'e')
const body = fc.constantFrom('1', '2', 'bad', 'bad too')

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('set' as const), typeUrl, name, body }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('gone' as const), typeUrl, name }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom('subscribe' as const, 'unsubscribe' as const),
      typeUrl,
      name: fc.oneof({ weight: 4, arbitrary: name }, { weight: 1, arbitrary: fc.constant('*') }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('answer' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('turn' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reconnect' as const) }) },
)

const key = (type: string, each: string): string => `${type} ${each}`

/** What is there, and what the client asked for. */
interface Model {
  bodies: Map<string, string>
  asked: Set<string>
}

function apply(step: Step, { bodies, asked }: Model, client: DeltaClient, commit: (step: Step) => void): void {
  if (step.do === 'answer') return client.answer()
  if (step.do === 'reconnect') {
    client.disconnect()
    return client.connect()
  }
  if (!('typeUrl' in step)) return
  const at = key(step.typeUrl, step.name)
  if (step.do === 'subscribe') {
    asked.add(at)
    return client.subscribe(step.typeUrl, step.name)
  }
  if (step.do === 'unsubscribe') {
    asked.delete(at)
    return client.unsubscribe(step.typeUrl, step.name)
  }
  if (step.do === 'set') bodies.set(at, step.body)
  else bodies.delete(at)
  commit(step)
}

const isBad = (content: string): boolean => content.startsWith('bad')

/** What the client should hold, and the keys of what it should have refused. */
function expected({ bodies, asked }: Model): { held: string[]; refused: string[] } {
  const covered = [...bodies].filter(([at]) => asked.has(at) || asked.has(`${at.split(' ')[0]} *`))
  const entries = (bad: boolean): [string, string][] => covered.filter(([, content]) => isBad(content) === bad)
  return {
    held: entries(false)
      .map(([at, content]) => `${at}=${content}`)
      .sort(),
    refused: entries(true)
      .map(([at]) => at)
      .sort(),
  }
}

async function run(history: readonly Step[]): Promise<void> {
  await using rig = await startRig({ removalDelayMs: 5 })
  let patient = true
  const judge = ({ resources }: DeltaResponse): string | undefined => {
    if (resources.some(({ version }) => isBad(version))) return 'bad'
    return patient ? 'wait' : undefined
  }
  const client = rig.client('p', { judge })
  const model: Model = { bodies: new Map(), asked: new Set(types.map((type) => key(type, '*'))) }
  rig.commit()
  for (const type of types) client.subscribe(type)
  for (const each of history) {
    apply(each, model, client, (change) => {
      if (change.do === 'set') rig.commit(set(change.typeUrl, change.name, change.body))
      if (change.do === 'gone') rig.commit(gone(change.typeUrl, change.name))
    })
    await turn()
  }
  patient = false
  client.answer()
  const now = (): string[] => types.flatMap((type) => heldBy(client, type).map((entry) => key(type, entry))).sort()
  const refused = (): string[] =>
    (rig.server.proxies('f').at(-1)?.rejections ?? [])
      .flatMap(({ typeUrl: type, resources }) => resources.map((each) => key(type, each)))
      .sort()
  const bad = expected(model)
  await client.until(() => refused().join() === bad.refused.join() && bad.held.every((entry) => now().includes(entry)))
  for (const at of bad.refused) {
    model.bodies.set(at, 'good')
    rig.commit(set(at.split(' ')[0] ?? '', at.split(' ')[1] ?? '', 'good'))
  }
  const { held } = expected(model)
  await client.until(() => refused().length === 0 && now().join() === held.join())
}

describe('after any history of changes, subscriptions, refusals and reconnects', () => {
  it('the client holds what it asked for, but for what it refused; and that is listed', async () => {
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 40 }), run), { numRuns: 100 })
    expect.assertions(0)
  }, 60_000)
})
