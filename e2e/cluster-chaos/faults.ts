// What is done to our services in a cluster, and to the API server, one after the other.
import { setTimeout as delay } from 'node:timers/promises'
import { until } from '@penstock/testkit'
import type { Outage } from '../chaos/course.ts'
import type { Journal } from '../chaos/journal.ts'
import { podKind } from './kinds.ts'
import { watchQuiet } from './quiet.ts'
import { type Replica, signal, systemNamespace } from './replicas.ts'
import { restore } from './restore.ts'
import type { Scene } from './scene.ts'

export interface FaultTimes {
  /** Of processes of ours. */
  readonly freezeMs: number
  /** Of the API server. */
  readonly awayMs: number
  /** What no table holds. */
  say(sentence: string): void
}

/** Finds whom to strike, by what they are. */
export type Victims = Readonly<Record<string, (scene: Scene) => Promise<readonly Replica[]>>>

const replaceDeadlineMs = 60_000
const services = ['watcher', 'translator', 'xds-server', 'status-reporter', 'infra-manager']

/** Each service that leads or serves on its own, and then all that stand by. */
export const oneByOne: Victims = {
  ...Object.fromEntries(
    services.map((app) => [`${app}, leading`, async ({ replicas }: Scene) => [await replicas.leader(app)]]),
  ),
  'all seconds': ({ replicas }) => Promise.all(services.map((app) => replicas.standby(app))),
  nats: async ({ replicas }) => replicas.of('nats'),
}

/** The same at one time. */
export const sideBySide: Victims = {
  'all leaders': ({ replicas }) => Promise.all(services.map((app) => replicas.leader(app))),
  nats: async ({ replicas }) => replicas.of('nats'),
}

/** Parts of the names of those outages that the gate has time for. */
export const inShort = [
  ...['all leaders', 'nats', 'containerd', 'API server', 'etcd'],
  ...['1 to 3 proxies', 'proxy, one of 3: kill -9', '3 to 1 proxy'],
]

export function serviceOutages(scene: Scene, victims: Victims, { freezeMs }: FaultTimes): Outage[] {
  const { replicas } = scene
  const all = Object.entries(victims)
  return [
    ...all.map(([name, find]) => ({
      name: `${name}: kill -9`,
      strike: async () => replicas.kill(await find(scene)),
    })),
    ...all.map(([name, find]) => ({
      name: `${name}: frozen`,
      async strike() {
        const struck = await find(scene)
        for (const { pid } of struck) signal(pid, 'SIGSTOP')
        await delay(freezeMs)
        for (const { pid } of struck) signal(pid, 'SIGCONT')
      },
    })),
    // Another pod, at another address, that has stored nothing.
    { name: 'nats: pod deleted', strike: () => replacePods(scene, replicas.of('nats')) },
  ]
}

export function apiServerOutages(scene: Scene, journal: Journal, { awayMs, say }: FaultTimes): Outage[] {
  const { controlPlane } = scene
  const meanwhile = (): Promise<void> =>
    watchQuiet(scene, awayMs, {
      unready: (what) => journal.trouble('process', what),
      told: (what) => journal.trouble('resent', what),
    })
  const takesNoEdits = true
  return [
    { name: 'API server: kill -9', takesNoEdits, strike: () => controlPlane.killed(meanwhile) },
    { name: 'API server: frozen', takesNoEdits, strike: () => controlPlane.frozen(meanwhile) },
    {
      ...{ name: 'etcd: put back', takesNoEdits },
      strike: () => restore(scene, { away: meanwhile, say, tell: (what) => journal.trouble('status', what) }),
    },
  ]
}

/** Resolves when other pods are ready instead. */
async function replacePods({ kube, replicas }: Scene, pods: readonly Replica[]): Promise<void> {
  const writer = kube.writer({ fieldManager: 'chaos' })
  for (const { name, uid } of pods) {
    await writer.delete({ kind: podKind, namespace: systemNamespace, name }, { uid })
  }
  const areReplaced = async (): Promise<boolean> => {
    const now = (await replicas.look()).filter(({ app }) => pods.some((pod) => pod.app === app))
    return now.length === pods.length && now.every(({ uid, ready }) => ready && pods.every((pod) => pod.uid !== uid))
  }
  await until('other pods are ready', areReplaced, replaceDeadlineMs)
}
