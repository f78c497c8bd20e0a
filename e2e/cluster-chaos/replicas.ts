// Our services as the pods of a cluster, and the process of each, which can be killed and frozen from outside.
import { readdirSync, readFileSync } from 'node:fs'
import type { ApiObject, Kube } from '@penstock/kube'
import { until } from '@penstock/testkit'
import { metricAt } from '../bench/prometheus.ts'
import { podKind } from './kinds.ts'

export interface Replica {
  readonly app: string
  /** Of the pod. */
  readonly name: string
  readonly uid: string
  readonly ip: string
  readonly restarts: number
  readonly ready: boolean
  /** As this machine numbers it; undefined: it does not run. */
  readonly pid: number | undefined
}

export interface Replicas {
  /** As they were when last looked at. */
  readonly known: readonly Replica[]
  look(): Promise<readonly Replica[]>
  of(app: string): readonly Replica[]
  /** The one of an app that leads, or serves proxies. */
  leader(app: string): Promise<Replica>
  standby(app: string): Promise<Replica>
  kill(replicas: readonly Replica[]): Promise<void>
  /** What is not as it must be: every replica ready, and restarted only as often as somebody here killed it. */
  complaints(): Promise<readonly string[]>
}

/** One of each leads. */
export const leading = ['watcher', 'translator', 'status-reporter', 'infra-manager']

export const systemNamespace = 'penstock-system'
const adminPort = 9900
const backDeadlineMs = 60_000

export const adminOf = ({ ip }: Replica): string => `${ip}:${adminPort}`

export function createReplicas(kube: Kube): Replicas {
  let known: readonly Replica[] = []
  let wanted = 0
  const killed = new Map<string, number>()
  const of = (app: string): readonly Replica[] => known.filter((replica) => replica.app === app)
  const look = async (): Promise<readonly Replica[]> => {
    known = (await kube.list(podKind, { namespaces: [systemNamespace] })).filter(isWanted).map(replicaOf)
    wanted ||= known.length
    return known
  }
  const leader = (app: string): Promise<Replica> => {
    const sign = app === 'xds-server' ? 'penstock_xds_streams' : 'penstock_bus_leading'
    return until(`one ${app} leads`, async () => {
      for (const replica of of(app)) if ((await metricAt(adminOf(replica), sign).catch(() => 0)) > 0) return replica
      return undefined
    })
  }
  return {
    get known() {
      return known
    },
    ...{ look, of, leader },
    async standby(app) {
      const { uid } = await leader(app)
      const other = of(app).find((replica) => replica.uid !== uid)
      if (!other) throw new Error(`no ${app} stands by`)
      return other
    },
    async kill(replicas) {
      for (const { uid, pid } of replicas) {
        killed.set(uid, (killed.get(uid) ?? 0) + 1)
        signal(pid, 'SIGKILL')
      }
      const isBack = async (): Promise<boolean> => {
        const now = await look()
        return replicas.every(({ uid, pid }) => now.some((each) => each.uid === uid && each.pid && each.pid !== pid))
      }
      await until(`the node has started ${replicas.map(({ name }) => name).join(', ')} again`, isBack, backDeadlineMs)
    },
    async complaints() {
      const unready = (): readonly Replica[] => known.filter(({ ready }) => !ready)
      const areReady = async (): Promise<boolean> => (await look()).length === wanted && unready().length === 0
      await until('every replica is ready', areReady, backDeadlineMs).catch(() => undefined)
      const restarted = known.filter(({ uid, restarts }) => restarts !== (killed.get(uid) ?? 0))
      return [
        ...(known.length === wanted ? [] : [`${known.length} replicas instead of ${wanted}`]),
        ...unready().map(({ name }) => `${name} is not ready`),
        ...restarted.map(
          ({ name, restarts, uid }) => `${name} was restarted ${restarts} times, ${killed.get(uid) ?? 0} by us`,
        ),
      ]
    },
  }
}

export function signal(pid: number | undefined, which: NodeJS.Signals): void {
  if (pid === undefined) throw new Error(`nothing to send ${which}`)
  process.kill(pid, which)
}

interface PodStatus {
  readonly podIP?: string
  readonly conditions?: readonly { readonly type: string; readonly status: string }[]
  readonly containerStatuses?: readonly { readonly containerID?: string; readonly restartCount: number }[]
}

const isWanted = ({ metadata }: ApiObject): boolean => metadata.deletionTimestamp === undefined

export function replicaOf({ metadata, status = {} }: ApiObject): Replica {
  const { podIP = '', conditions = [], containerStatuses = [] } = status as PodStatus
  const [container] = containerStatuses
  return {
    app: metadata.labels?.['app.kubernetes.io/name'] ?? metadata.labels?.['app'] ?? '',
    name: metadata.name,
    uid: metadata.uid,
    ip: podIP,
    restarts: container?.restartCount ?? 0,
    ready: conditions.some(({ type, status }) => type === 'Ready' && status === 'True'),
    pid: processIn(container?.containerID?.replace('containerd://', '')),
  }
}

/** A container's cgroup has its name, and a process of ours is alone in it. */
function processIn(container: string | undefined): number | undefined {
  if (!container) return undefined
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return pids.map(Number).find((pid) => cgroupOf(pid).includes(container))
}

function cgroupOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cgroup`, 'utf8')
  } catch {
    // It has ended.
    return ''
  }
}
