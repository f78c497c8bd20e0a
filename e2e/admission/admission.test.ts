// Our admission, as a folder has it, beside the real API server's: the Gateway API's own examples and ours, good and bad,
// and mutations of them. MUTATIONS says how many (1,000), SEED which ones (another every time; a failure names it).
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { kinds } from '@penstock/gateway-api'
import { kubernetesIsBuilt } from '@penstock/testkit'
import { type ApiServer, startApiServer } from './api-server.ts'
import { sample } from './choices.ts'
import { differenceOf } from './comparison.ts'
import { type Example, readExamples } from './examples.ts'
import { possibleNamespaces } from './identity-change.ts'
import { invented, type Mutation, mutation } from './mutation.ts'
import { ourVerdict } from './our-side.ts'
import { isPlain } from './verdict.ts'

const count = Number(process.env['MUTATIONS'] ?? 1_000)
const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1_000_000))
const atOnce = 16
jest.setTimeout(60_000 + count * 60)

const suite = (await kubernetesIsBuilt()) ? describe : describe.skip

suite('a document in a folder is judged as by the API server', () => {
  let server: ApiServer
  let examples: readonly Example[]

  beforeAll(async () => {
    examples = await readExamples()
    server = await startApiServer([...examples.flatMap(namespaceOf), ...possibleNamespaces])
  })

  afterAll(async () => server?.[Symbol.asyncDispose]())

  it('an example', async () => {
    const { differences, admitted } = await compare(examples.map((example) => ({ ...example, changes: [] })))
    expect(differences).toEqual([])
    // A comparison of nothing would be one too.
    expect(admitted).toBeGreaterThan(80)
    expect(examples.length - admitted).toBeGreaterThan(30)
  })

  it(`a mutation of one (SEED=${seed} MUTATIONS=${count})`, async () => {
    const mutations = sample(
      (choices) =>
        mutation(choices.oneIn(5) ? invented(choices.pick(kinds), choices) : choices.pick(examples), choices),
      { seed, count },
    )
    const { differences, admitted } = await compare(mutations)
    expect(differences).toEqual([])
    expect(admitted).toBeGreaterThan(count / 10)
    expect(admitted).toBeLessThan(count * 0.9)
  })

  async function compare(mutations: readonly Mutation[]): Promise<{ differences: string[]; admitted: number }> {
    const differences: string[] = []
    let admitted = 0
    const left = [...mutations]
    const work = async (): Promise<void> => {
      for (let next = left.pop(); next !== undefined; next = left.pop()) {
        const { from, changes, document } = next
        const theirs = await server.judge(document)
        if ('object' in theirs) admitted += 1
        const difference = differenceOf({ document, ours: ourVerdict(document), theirs })
        if (difference) differences.push(`${from} (${changes.join('; ')}): ${difference}\n${JSON.stringify(document)}`)
      }
    }
    await Promise.all(Array.from({ length: atOnce }, work))
    // More tell no more.
    return { differences: differences.slice(0, 10), admitted }
  }
})

function namespaceOf({ document }: Example): string[] {
  const { metadata } = isPlain(document) ? document : {}
  const namespace = isPlain(metadata) ? metadata['namespace'] : undefined
  return typeof namespace === 'string' && namespace !== 'default' ? [namespace] : []
}
