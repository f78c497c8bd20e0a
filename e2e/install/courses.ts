// Everything that is done with the charts in one cluster, one course after the other.

import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { until } from '@penstock/testkit'
import { phaseHead, phaseRow, summary as summaryOf } from '../chaos/phase-table.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { openScene, type Scene } from '../cluster-chaos/scene.ts'
import { registry } from '../images/built-images.ts'
import { installApart, leftApart, removeApart, services } from './apart-course.ts'
import { type Helm, openHelm, type Release, type Values } from './helm.ts'
import { builds, raisedChannels } from './images.ts'
import { type Inventory, takeInventory, untilAdded } from './inventory.ts'
import { natsChanges, volumeChanges } from './nats-course.ts'
import { blocksOf, follow } from './page.ts'
import { earlyWriters, handOver, newWritersLead, type ReignWatch, watchReigns } from './reign-watch.ts'
import { createStopwatch, type Stopwatch } from './stopwatch.ts'
import { type Change, runUnderTraffic } from './traffic-course.ts'

const root = resolve(import.meta.dirname, '../..')
/** As the page says. */
const packed = join(root, 'packed')
const installation: Release = { name: 'penstock', namespace: 'penstock-system', isWhole: true }
/** Sections of the page. */
const removal = 'Remove it'
const use = /^[34]\. /
/** For so long proxies go on with what they have, and nobody tells them anything. */
const withoutMs = 3_000

const handOverMs = 60_000
const keptSecrets = ['nats', 'watcher', 'translator', 'xds-server', 'infra-manager']

/** What the page says that stays. */
const kept = [
  ...['GatewayClass//penstock', 'GatewayClass//penstock-agentgateway'],
  `GatewayConfig/${installation.namespace}/penstock-agentgateway`,
  // Of the namespace, which helm has made, and leaves.
  `Namespace//${installation.namespace}`,
  ...['ConfigMap', 'ServiceAccount'].map(
    (kind) => `${kind}/${installation.namespace}/${kind === 'ConfigMap' ? 'kube-root-ca.crt' : 'default'}`,
  ),
]

interface Parts {
  readonly cluster: Cluster
  readonly helm: Helm
  readonly watch: Stopwatch
  readonly perSecond: number
  /** Of what is not as it must be. */
  tell(trouble: string): void
}

export interface CoursesOptions {
  /** Requests a second. */
  readonly perSecond: number
  /** Only what is done with NATS. */
  readonly isOfNats: boolean
}

export async function runCourses(cluster: Cluster, { perSecond, isOfNats }: CoursesOptions): Promise<number> {
  const watch = createStopwatch()
  const troubles: string[] = []
  const tell = (trouble: string): void => {
    troubles.push(trouble)
    watch.say(`TROUBLE: ${trouble}`)
  }
  const home = await mkdtemp(join(tmpdir(), 'penstock-helm-'))
  await rm(packed, { recursive: true, force: true })
  try {
    const helm = await openHelm(cluster, { folder: packed, home })
    const parts: Parts = { cluster, helm, watch, perSecond, tell }
    await (isOfNats ? runNats(parts) : runAll(parts))
    watch.say(watch.summary())
  } finally {
    for (const made of [home, packed]) await rm(made, { recursive: true, force: true })
  }
  return troubles.length > 0 ? 1 : 0
}

async function runNats(parts: Parts): Promise<void> {
  await followPage(parts, (section) => section !== removal)
  await operate(parts, ({ kube }) => {
    const own = { ...parts, kube, installation }
    return [...volumeChanges(own), ...natsChanges(own)]
  })
}

async function runAll(parts: Parts): Promise<void> {
  const { cluster, helm, watch } = parts
  const before = await takeInventory(cluster)
  await followPage(parts, (section) => section !== removal)
  await operate(parts, ({ kube }, reigns) => [
    ...releaseChanges(parts, reigns),
    ...natsChanges({ ...parts, kube, installation }),
  ])
  await followPage(parts, (section) => section === removal)
  await watch.step('nothing is left', () => checkLeft(parts, before, kept))
  await watch.step('each chart alone', () => installApart(cluster, helm))
  await followPage(parts, (section) => use.test(section))
  await cluster.kubectl(['delete', 'namespace', 'demo', '--timeout=120s'])
  await watch.step('each removed', () => removeApart(cluster, helm))
  await checkLeft(parts, before, [...kept, ...leftApart])
}

async function followPage({ helm, watch, tell }: Parts, isWanted: (section: string) => boolean): Promise<void> {
  const page = await readFile(join(root, 'docs/install.md'), 'utf8')
  await follow(
    blocksOf(page).filter(({ section }) => isWanted(section)),
    {
      cwd: root,
      env: { ...helm.env, REGISTRY: registry, TAG: builds.first },
      onBlock({ section, script }, ms, said) {
        watch.took(`\`${script.split('\n')[0]}\``, ms)
        // Only a load balancer may need that, and this one does not.
        if (use.test(section) && said.includes('Will retry')) tell(`what is programmed had no answer at once: ${said}`)
      },
    },
  )
}

type ChangesOf = (scene: Scene, reigns: ReignWatch) => readonly Change[]

/** Everything that befalls an installation that serves. */
async function operate({ cluster, watch, perSecond, tell }: Parts, changesOf: ChangesOf): Promise<void> {
  await using scene = await watch.step('scenery', () => openScene(cluster))
  await using reigns = watchReigns(scene.kube, installation.namespace)
  console.log(phaseHead())
  const report = await runUnderTraffic(scene, installation.namespace, changesOf(scene, reigns), {
    ...{ perSecond, editEveryMs: 300 },
    onPhase: (phase) => console.log(phaseRow(phase)),
  })
  console.log(summaryOf(report))
  for (const { kind, sentence } of report.journal.troubles) tell(`${kind}: ${sentence}`)
  watch.say(reigns.story())
  await removeScenery(scene)
}

function releaseChanges({ cluster, helm, watch, tell }: Parts, reigns: ReignWatch): readonly Change[] {
  const change = (name: string, values: Values): Change => ({
    name,
    make: () => watch.step(name, () => helm.apply({ ...installation, values })),
  })
  return [
    change('xds-server 2 → 1', { 'xds-server.replicas': 1 }),
    change('xds-server 1 → 3', { 'xds-server.replicas': 3 }),
    change('xds-server 3 → 1', { 'xds-server.replicas': 1 }),
    {
      name: 'upgrade',
      async make() {
        await watch.step('upgrade', () => helm.apply({ ...installation, values: { 'global.imageTag': builds.second } }))
        // Before the older build is back, which reads again.
        const upgrade = { older: builds.first, newer: builds.second, raised: raisedChannels, installed: services }
        // The last writer waits until readers that have just ended are known to be gone, and is ready all the while.
        await until('the newer build writes', () => newWritersLead(reigns, upgrade), handOverMs).catch(() => {})
        watch.say(handOver(reigns, upgrade))
        for (const early of earlyWriters(reigns, upgrade)) tell(early)
      },
    },
    { name: 'rollback', make: () => watch.step('rollback', () => helm.rollBack(installation)) },
    {
      name: 'uninstalled, and installed again',
      takesNoEdits: true,
      async make() {
        await helm.apply({ ...installation, values: { 'secrets.keep': true } })
        await watch.step('helm uninstall', () => helm.uninstall(installation))
        const secrets = await cluster.kubectl([
          'get',
          'secrets',
          `--namespace=${installation.namespace}`,
          '--output=name',
        ])
        const isKept = (name: string): boolean => secrets.includes(`secret/${name}\n`)
        for (const name of keptSecrets) if (!isKept(name)) tell(`the Secret ${name} was to be kept, and is gone`)
        await delay(withoutMs)
        await watch.step('helm install', () => helm.apply(installation))
      },
    },
  ]
}

async function checkLeft({ cluster, tell }: Parts, before: Inventory, expected: readonly string[]): Promise<void> {
  const names = await cluster.kubectl(['get', 'customresourcedefinitions', '--output=name'])
  const definitions = names
    .trim()
    .split('\n')
    .map((name) => `CustomResourceDefinition//${name.split('/')[1]}`)
  await untilAdded(cluster, before, [...expected, ...definitions]).catch((error: Error) => tell(error.message))
}

async function removeScenery({ cluster }: Scene): Promise<void> {
  const kinds = 'gateways,httproutes,gatewayconfigs,deployments,services,configmaps,secrets'
  await cluster.kubectl(['delete', kinds, '--all', '--namespace=default', '--timeout=120s'])
}
