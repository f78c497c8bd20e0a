// One broken object harms only itself (design section 9): whatever the culprit does, while it does it and when it is mended,
// nothing of its neighbours is sent to the proxy again, and not one of their requests fails. What a proxy would refuse is
// refused before: none of these mistakes gets as far.
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { type Resource, resourceKey } from '@penstock/gateway-api'
import { until } from '@penstock/testkit'
import { culpritHosts, culpritRoute, goodCulprit } from './culprit.ts'
import { documentMistakes } from './document-mistakes.test-data.ts'
import { type Answer, type Conditions, type Mistake, withMistake } from './mistake.ts'
import { routeMistakes } from './route-mistakes.test-data.ts'
import { type Scene, startScene } from './scene.ts'
import { tlsMistakes } from './tls-mistakes.test-data.ts'

// Each wait has a deadline of its own.
jest.setTimeout(60_000)

let scene: Scene

beforeAll(async () => {
  scene = await startScene()
})

afterAll(async () => {
  const { load } = scene
  await scene[Symbol.asyncDispose]()
  process.stdout.write(`mistakes: neighbours were asked ${load.answered} times, ${load.failures.length} failed\n`)
}, 30_000)

/** By the neighbours, who are asked all the time, and after it each once more. */
async function unnoticed(happening: () => Promise<void>): Promise<void> {
  const { rig, load } = scene
  const [failed, sent] = [load.failures.length, rig.tap.messages.length]
  await happening()
  await load.askedAgain()
  expect(load.failures.slice(failed)).toEqual([])
  expect(scene.disturbedSince(sent)).toEqual([])
  expect(rig.view.proxies().flatMap(({ rejections }) => rejections)).toEqual([])
}

/** The conditions of an object and of its first parent, or of one of its listeners. */
function told(place: string): Conditions {
  const [kind = '', name = '', section] = place.split(/[ /]/)
  const status = scene.rig.view.status.values.get(`gateway.networking.k8s.io/${kind}/default/${name}`)
  const own = [...(status?.conditions ?? []), ...(status?.parents[0]?.conditions ?? [])]
  const listener = status?.listeners.find((one) => one.name === section)
  const conditions = section === undefined ? own : (listener?.conditions ?? [])
  return Object.fromEntries(
    conditions.map(({ type, status: is, reason }) => [type, `${is ? 'True' : 'False'} ${reason}`]),
  )
}

async function expectTold(says: Readonly<Record<string, Conditions>>): Promise<void> {
  for (const [place, conditions] of Object.entries(says)) {
    await eventually(() => expect([place, told(place)]).toMatchObject([place, conditions]))
  }
}

async function expectAnswers({ plain = 200, secure = 200 }: { plain?: Answer; secure?: Answer } = {}): Promise<void> {
  const ask = async () => ({ plain: await scene.ask('plain'), secure: await scene.ask('secure') })
  await eventually(async () => expect(await ask()).toEqual({ plain, secure }))
}

/** Status comes behind what is in force, and what leaves the folder is gone a little later. */
async function eventually(check: () => void | Promise<void>): Promise<void> {
  const holds = (): Promise<boolean> =>
    Promise.resolve()
      .then(check)
      .then(
        () => true,
        () => false,
      )
  await until('the check holds', holds).catch(check)
}

/** Ten to the power of nine, if somebody counted. */
const aliases = Array.from(
  { length: 9 },
  (_, at) => `a${at + 1}: &a${at + 1} [${Array(10).fill(`*a${at}`).join(', ')}]`,
)
  .toSpliced(0, 0, 'a0: &a0 x')
  .join('\n')

describe('one broken object harms only itself', () => {
  it.each<Mistake>([...routeMistakes, ...tlsMistakes, ...documentMistakes])('$name', async (mistake) => {
    const { rig, ports, become } = scene
    const good = goodCulprit(ports)
    const refusals = rig.log.find('refused').length
    await unnoticed(async () => {
      await become(withMistake(good, mistake, ports))
      await expectTold(mistake.says ?? {})
      await expectAnswers(mistake)
    })
    const reasons = rig.log.find('refused').slice(refusals)
    const expected = mistake.refused ? [{ fields: { reason: expect.stringMatching(mistake.refused) } }] : []
    expect(reasons).toMatchObject(expected)
    await unnoticed(async () => {
      await become(good)
      await expectAnswers()
    })
  })

  it.each([
    ['no YAML', 'kind: ['],
    ['no object', '- a\n- b'],
    ['aliases of aliases of aliases', aliases],
  ])('a file with a document that is %s', async (_, text) => {
    const { rig, ports, become } = scene
    const good = goodCulprit(ports)
    const refusals = rig.log.find('refused').length
    await unnoticed(async () => {
      await become([...good, `---\n${text}\n`])
      await expectAnswers()
    })
    expect(rig.log.find('refused').length).toBeGreaterThan(refusals)
    await unnoticed(() => become(good))
  })

  it('an object on which a function of ours throws: it goes on as it was', async () => {
    const { rig, ports, become } = scene
    // No API server hands this out, so it comes past the folder.
    const parentRefs = [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'other' }]
    const metadata = { name: 'culprit', namespace: 'default' }
    const lacking = { ...culpritRoute({}, { parentRefs, rules: [{}] }), metadata } as unknown as Resource
    await unnoticed(async () => {
      rig.services.translator.service.translation.apply([{ key: resourceKey(lacking), value: lacking }])
      await become(goodCulprit(ports))
      expect(rig.view.ir.commits.at(-1)?.commit.held).toEqual(['http_rule/HTTPRoute/default/culprit/#0'])
      await expectAnswers()
    })
    await unnoticed(async () => {
      await become([culpritRoute({}, { hostnames: [culpritHosts.plain, 'new.example'] })])
      await expectAnswers()
      expect(rig.view.ir.commits.at(-1)?.commit.held).toEqual([])
    })
  })
})
