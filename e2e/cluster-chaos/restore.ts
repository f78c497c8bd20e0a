// The API server comes back from an older store: what was made since is gone, what was edited is as it was, and what we had
// written about it is unwritten. Nobody tells our services; they must see it.
import { until } from '@penstock/testkit'
import { editedRoute, hostOf } from '../chaos/chaos-folder.ts'
import { gatewayNamed, httpRoute } from '../features/manifests.ts'
import { refTo } from './kinds.ts'
import { signal } from './replicas.ts'
import { editOf, type Scene } from './scene.ts'
import { backendService, gatewayName, theGateway } from './scenery.ts'

const deadlineMs = 60_000
const early = { name: 'early', port: 8081 }
const late = { name: 'late', port: 8082 }

/** A sentence, and whether it is true now. */
type Truth = readonly [what: string, holds: () => Promise<boolean>]

export interface RestoreParts {
  /** Resolves when the API server has been away for long enough. */
  away(): Promise<void>
  say(sentence: string): void
  /** Of what is not right. */
  tell(what: string): void
}

export async function restore(scene: Scene, { away, say, tell }: RestoreParts): Promise<void> {
  const { write, remove, controlPlane } = scene
  await write(httpRoute('deleted', { host: hostOf('deleted') }), editedRoute('halfway', 1))
  await untilTrue(told(scene, 'deleted', 'halfway'))
  // In the copy those edits are, and nothing that we write because of them.
  await withoutWriters(scene, async () => {
    await write(httpRoute('unsaid', { host: hostOf('unsaid') }), editedRoute('halfway', 2), theGateway(early))
    await controlPlane.backUp()
  })
  await untilTrue([...served(scene), ...told(scene, 'unsaid', 'halfway'), ...listening(scene, early.port)])

  await write(httpRoute('undone', { host: hostOf('undone') }), editedRoute('halfway', 3), theGateway(late))
  await write(gatewayNamed('undone', { name: 'http', port: 80 }), backendService('moving', 'v2', 8080))
  await remove('HTTPRoute', 'deleted')
  await untilTrue([
    ...told(scene, 'undone', 'halfway'),
    ...listening(scene, late.port),
    ['"deleted" is gone', async () => (await scene.answer('deleted')).status === 404],
    [
      'the second Gateway has its proxy',
      async () => (await scene.kube.get(refTo('Deployment', 'undone-penstock'))) !== undefined,
    ],
  ])

  await controlPlane.putBack(away)
  const backMs = performance.now()
  const truths: Truth[] = [
    ...served(scene),
    ...told(scene, 'unsaid', 'halfway', 'deleted'),
    ...listening(scene, early.port),
    ['all is well with the Gateway', () => scene.isWell('Gateway', gatewayName)],
    ['"deleted" is back', async () => (await scene.answer('deleted')).status === 200],
    ['"undone" is gone', async () => (await scene.answer('undone')).status === 404],
    [`nothing listens on ${late.port}`, async () => !(await servicePorts(scene)).includes(late.port)],
    [
      'the second Gateway has no proxy',
      async () => (await scene.kube.get(refTo('Deployment', 'undone-penstock'))) === undefined,
    ],
  ]
  await untilTrue(truths).catch(async () => {
    for (const [what, holds] of truths) if (!(await isTrue(holds))) tell(`not so after the restore: ${what}`)
  })
  say(`etcd put back: all was right ${(performance.now() - backMs).toFixed(0)} ms after the API server was back`)
  await write(theGateway())
  for (const name of ['deleted', 'halfway', 'unsaid']) await remove('HTTPRoute', name)
}

/** Neither writes to the API server what the others work out. Not for long: what is frozen for a minute is restarted. */
async function withoutWriters({ replicas }: Scene, work: () => Promise<void>): Promise<void> {
  const writers = [...replicas.of('status-reporter'), ...replicas.of('infra-manager')]
  for (const { pid } of writers) signal(pid, 'SIGSTOP')
  try {
    await work()
  } finally {
    for (const { pid } of writers) signal(pid, 'SIGCONT')
  }
}

const served = ({ answer }: Scene): Truth[] => [
  ['"unsaid" is served', async () => (await answer('unsaid')).status === 200],
  ['"halfway" is at its second edit', async () => editOf(await answer('halfway')) === '2'],
]

const told = ({ isWell }: Scene, ...names: readonly string[]): Truth[] =>
  names.map((name) => [`all is well with "${name}"`, () => isWell('HTTPRoute', name)])

const listening = (scene: Scene, port: number): Truth[] => [
  [`the Service has the port ${port}`, async () => (await servicePorts(scene)).includes(port)],
  [`port ${port} answers`, async () => (await scene.answer('exact-1', port)).status === 200],
]

async function servicePorts({ kube }: Scene): Promise<readonly number[]> {
  const found = await kube.get(refTo('Service', `${gatewayName}-penstock`))
  const { ports = [] } = (found?.['spec'] ?? {}) as { readonly ports?: readonly { readonly port: number }[] }
  return ports.map(({ port }) => port)
}

const isTrue = (holds: () => Promise<boolean>): Promise<boolean> => holds().catch(() => false)

async function untilTrue(truths: readonly Truth[]): Promise<void> {
  for (const [what, holds] of truths) await until(what, () => isTrue(holds), deadlineMs)
}
