// What proxies ask for while a request waits at them, by names that strangers may have chosen.
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { DeltaClient } from './index.ts'
import { cluster, endpoints, gone, heldBy, type Rig, route, secret, set, startRig, told } from './rig.ts'

const acknowledged = (rig: Rig): number | undefined => rig.server.proxies('f')[0]?.acknowledgedCommit

/** A client with a cluster and a secret, that answers no responses of these types from now on. */
async function withholding(rig: Rig, ...types: readonly string[]): Promise<DeltaClient> {
  let withholds = false
  const client = rig.client('p', {
    judge: ({ typeUrl }) => (withholds && types.includes(typeUrl) ? 'wait' : undefined),
  })
  rig.commit(set(cluster, 'a', '1'), set(route, 'a', '1'), set(secret, 'known', 'pem'), set(secret, 'spare', 'pem'))
  for (const type of [cluster, route]) client.subscribe(type)
  client.subscribe(secret, 'known')
  await client.until(() => client.responses.length === 3 && acknowledged(rig) === 1)
  withholds = true
  return client
}

describe('on demand', () => {
  it('names are answered while a round waits, known or not', async () => {
    await using rig = await startRig()
    const client = await withholding(rig, cluster)
    rig.commit(set(cluster, 'a', '2'), set(secret, 'new', 'pem'))
    await client.until(() => client.responses.length === 4)
    client.subscribe(secret, 'new', 'unknown')
    await client.until(() => client.responses.length === 5)
    expect(told(client).slice(3)).toEqual(['Cluster +a=2', 'Secret +new=pem -unknown'])
  })

  it('a known one holds up what comes after its phase: something there may wait for it', async () => {
    await using rig = await startRig()
    const client = await withholding(rig, cluster, secret)
    rig.commit(set(cluster, 'b', '1'), set(secret, 'b', 'pem'), set(route, 'a', '2'))
    await client.until(() => client.responses.length === 4)
    client.subscribe(secret, 'b', 'unknown')
    await client.until(() => client.responses.length === 5)
    client.send({ typeUrl: cluster, responseNonce: client.responses[3]?.nonce })
    client.subscribe(endpoints, 'sync')
    await client.until(() => client.responses.length === 6)
    client.send({ typeUrl: secret, responseNonce: client.responses[4]?.nonce })
    await client.until(() => client.responses.length === 7)
    expect(told(client).slice(3)).toEqual(['Cluster +b=1', 'Secret +b=pem -unknown', 'Endpoints -sync', 'Route +a=2'])
  })

  it('a name that goes while it is asked for is answered without waiting for the round', async () => {
    await using rig = await startRig()
    const client = await withholding(rig, cluster, secret)
    rig.commit(set(cluster, 'a', '2'), set(secret, 'new', 'pem'))
    client.subscribe(secret, 'first')
    await client.until(() => client.responses.length === 5)
    client.subscribe(secret, 'new')
    rig.commit(gone(secret, 'new'))
    const flight = client.responses.at(-1)
    client.send({ typeUrl: secret, responseNonce: flight?.nonce })
    await client.until(() => client.responses.length === 6)
    expect(told(client).at(-1)).toBe('Secret -new')
  })

  it('rounds go on while names are asked for without end', async () => {
    await using rig = await startRig()
    // Asks for the next name before it takes the answer to the last, so that there is always one to be answered.
    let asked = 0
    const client: DeltaClient = rig.client('p', {
      judge({ typeUrl }) {
        if (typeUrl === secret) client.subscribe(secret, `x${(asked += 1)}`)
        return undefined
      },
    })
    rig.commit(set(cluster, 'a', '1'), set(route, 'a', '1'), set(secret, 'known', '1'))
    for (const type of [cluster, route]) client.subscribe(type)
    client.subscribe(secret, 'known')
    for (const version of ['2', '3', '4']) {
      rig.commit(set(cluster, 'a', version), set(route, 'a', version), set(secret, 'known', version))
      await client.until(() => heldBy(client, route).join() === `a=${version}`)
      await client.until(() => heldBy(client, secret).join() === `known=${version}`)
    }
    const last = rig.commit(gone(secret, 'known'))
    await client.until(() => heldBy(client, secret).length === 0 && acknowledged(rig) === last)
    const before = asked
    await client.until(() => asked > before + 100)
  })

  it.each(['unknown', 'spare'])('what was acknowledged stays so while more is asked for: %s', async (name) => {
    await using rig = await startRig()
    const client = await withholding(rig, secret)
    rig.commit(set(route, 'a', '2'))
    const commit = rig.commit(set(endpoints, 'nobody asks', '1'))
    await client.until(() => acknowledged(rig) === commit)
    client.subscribe(secret, name)
    await client.until(() => client.responses.length === 5)
    expect(acknowledged(rig)).toBe(commit)
  })

  it('names that were let go are forgotten', async () => {
    await using rig = await startRig()
    const client = await withholding(rig)
    const names = Array.from({ length: 5_000 }, (_, at) => `x${at}.example.org`)
    const toldOff = (): number => client.responses.reduce((count, { removed }) => count + removed.length, 0)
    for (const name of names) client.subscribe(secret, name)
    await client.until(() => toldOff() === names.length, 30_000)
    client.unsubscribe(secret, ...names)
    client.subscribe(secret, 'sync')
    await client.until(() => toldOff() === names.length + 1)
    const before = client.responses.length
    rig.commit(...names.map((name) => set(secret, name, 'pem')), set(route, 'a', '2'))
    await client.until(() => heldBy(client, route).join() === 'a=2')
    expect(told(client).slice(before)).toEqual(['Route +a=2'])
  }, 60_000)
})

interface Step {
  readonly act: 'ask' | 'let go' | 'put' | 'drop' | 'answer' | 'turn'
  readonly name: string
  readonly body: string
}

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    act: fc.constantFrom('ask', 'let go', 'put', 'drop', 'answer', 'turn'),
    name: fc.constantFrom('a', 'b', 'c'),
    body: fc.constantFrom('1', '2'),
  }),
  { maxLength: 40 },
)

describe('whatever is asked for, let go, changed and removed, in any order', () => {
  it('ends with every name answered and every resource as it is', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (history) => {
        await using rig = await startRig()
        rig.commit()
        let patient = true
        const client = rig.client('p', { judge: () => (patient ? 'wait' : undefined) })
        const present = new Map<string, string>()
        const asked = new Set<string>()
        client.subscribe(secret, 'sync')
        for (const { act, name, body } of history) {
          if (act === 'ask') client.subscribe(secret, name)
          else if (act === 'let go') client.unsubscribe(secret, name)
          else if (act === 'put') rig.commit(set(secret, name, body))
          else if (act === 'drop') rig.commit(gone(secret, name))
          else if (act === 'answer') client.answer()
          else await turn()
          if (act === 'ask') asked.add(name)
          if (act === 'let go') asked.delete(name)
          if (act === 'put') present.set(name, body)
          if (act === 'drop') present.delete(name)
        }
        patient = false
        client.answer()
        const last = rig.commit(set(secret, 'sync', 'end'))
        const expected = ['sync=end', ...[...present].filter(([name]) => asked.has(name)).map((pair) => pair.join('='))]
        await client.until(() => acknowledged(rig) === last)
        await client.until(() => heldBy(client, secret).join() === expected.sort().join())
        const answered = (name: string): boolean =>
          client.responses.some(
            ({ resources, removed }) => removed.includes(name) || resources.some((one) => one.name === name),
          )
        await client.until(() => [...asked].every(answered))
      }),
      { numRuns: 60 },
    )
  }, 60_000)
})
