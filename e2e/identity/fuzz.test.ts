// Whatever is sent to an xds-server, by whomever, it goes on serving the proxies that are what they say. A few seconds by
// default; FUZZ_MS says how long, FUZZ_SEED begins where a run failed.
import { expect, it } from '@jest/globals'
import { fleet, rule } from '@penstock/delivery/rig'
import { envoyTypes } from '@penstock/plane-envoy'
import { until } from '@penstock/testkit'
import { encodeDeltaRequest } from '@penstock/xds'
import { attacks, type Target } from './attacks.ts'
import { createRandom } from './random.ts'
import { startScene } from './scene.ts'

const fuzzMs = Number(process.env['FUZZ_MS'] ?? 5_000)
const firstSeed = Number(process.env['FUZZ_SEED'] ?? Math.floor(Math.random() * 1e9))
const atOnce = 8

it(
  'goes on serving whatever is sent to it',
  async () => {
    await using scene = await startScene()
    const { rig, identities } = scene
    const good = await scene.goodProxy('good')
    const failures: unknown[] = []
    const onFailure = (error: unknown): void => void failures.push(error)
    for (const event of ['unhandledRejection', 'uncaughtException']) process.on(event, onFailure)
    const node = { id: 'enemy', cluster: fleet, metadata: { role: 'x', list: [1, { a: null }] } }
    const request = encodeDeltaRequest({ typeUrl: envoyTypes.cluster, node, resourceNamesSubscribe: ['a', 'b'] })
    const target: Target = { port: rig.service.port, identities, request }
    const counts = new Map<string, number>()
    let generation = 1
    let seed = firstSeed
    process.stdout.write(`fuzz: first seed ${firstSeed}\n`)
    try {
      for (const end = performance.now() + fuzzMs; performance.now() < end; ) {
        await Promise.all(
          Array.from({ length: atOnce }, async () => {
            seed += 1
            const random = createRandom(seed)
            const name = random.of(Object.keys(attacks))
            counts.set(name, (counts.get(name) ?? 0) + 1)
            await attacks[name]?.(target, random)
          }),
        )
        generation += 1
        const commit = await rig.commit(rule('foo', `/v${generation}`, generation))
        const arrived = () => acknowledged(commit)
        await until(`edit ${generation} reaches the good proxy (seeds up to ${seed})`, arrived)
        expect({ ended: good.ended, failures, seed }).toEqual({ ended: undefined, failures: [], seed })
      }
    } finally {
      for (const event of ['unhandledRejection', 'uncaughtException']) process.off(event, onFailure)
    }
    process.stdout.write(`fuzz: ${[...counts].map(([name, count]) => `${name} ${count}`).join(', ')}\n`)
    await scene.goodProxy('late')
    await until('nobody else is left', () => proxies().every(({ proxy }) => proxy === 'good' || proxy === 'late'))
    // A few lines for each reason, however many were refused.
    expect(rig.lines.filter(({ event }) => event === 'proxy refused').length).toBeLessThan(200)

    function proxies() {
      return rig.feedback.get(`${fleet}/xds-server.x1`)?.proxies ?? []
    }
    function acknowledged(commit: number): boolean {
      return proxies().some(({ proxy, acknowledgedCommit }) => proxy === 'good' && acknowledgedCommit >= commit)
    }
  },
  Math.max(60_000, 3 * fuzzMs),
)
