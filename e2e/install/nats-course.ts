// What an operator does with the chart's NATS. Each step ends with what must be so of its servers: as many as were asked for,
// and every stream on each of them.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Kube } from '@penstock/kube'
import { until } from '@penstock/testkit'
import type { Cluster } from '../cluster/cluster.ts'
import type { Helm, Release, Values } from './helm.ts'
import { natsServers } from './nats-servers.ts'
import type { Stopwatch } from './stopwatch.ts'
import type { Change } from './traffic-course.ts'

interface NatsParts {
  readonly cluster: Cluster
  readonly helm: Helm
  readonly kube: Kube
  readonly watch: Stopwatch
  /** What they are a part of. */
  readonly installation: Release
}

type Kubectl = (...args: readonly string[]) => Promise<string>

const settleDeadlineMs = 60_000
const className = 'of-this-node'
const volumes = { 'nats.storage.size': '1Gi', 'nats.storage.className': className }
const three = { 'global.nats.replicas': 3 }

/** A volume for the one server, which is gone again as soon as there are three. */
export function volumeChanges(parts: NatsParts): readonly Change[] {
  const { cluster } = parts
  const { servers, kubectl, apply, change, replace } = createSteps(parts)
  return [
    change('NATS 1, with a volume', 1, async () => {
      await makeVolume(cluster)
      // Kubernetes gives no volumes to a set that is there.
      await kubectl('delete', 'statefulset/nats')
      await apply(volumes)
    }),
    change('NATS 1, replaced', 1, async (tell) => {
      const before = await servers.created()
      await replace('nats-0')
      await servers.untilCopied(1)
      if ((await servers.created()) !== before) tell('the streams were made anew, though there is a volume')
    }),
  ]
}

export function natsChanges(parts: NatsParts): readonly Change[] {
  const { servers, kubectl, apply, change, replace } = createSteps(parts)
  const claims = async (): Promise<string> => (await kubectl('get', 'persistentvolumeclaims', '--output=name')).trim()
  return [
    change('NATS 1 → 3', 3, async (tell) => {
      await apply(three)
      await until('no claim is left', async () => (await claims()) === '', settleDeadlineMs).catch(async () =>
        tell(`${await claims()} is left of the one server`),
      )
    }),
    change('NATS 3, all replaced', 3, () => apply({ ...three, 'nats.pod.annotations.again': 'once' })),
    change('NATS 3, the leader wiped', 3, async () =>
      replace((await servers.leader()).name, '--grace-period=0', '--force'),
    ),
    change('NATS 3, certificate renewed', 3, async (tell) => {
      const pods = await servers.pods()
      const before = await servers.fingerprints()
      await renewCertificate(kubectl)
      const isNew = async (): Promise<boolean> => {
        const now = await servers.fingerprints()
        return now.length === 1 && !before.includes(now[0] ?? '')
      }
      await until('all show the new certificate', isNew, settleDeadlineMs)
      const now = await servers.pods()
      for (const { uid, name } of pods) if (!now.some((pod) => pod.uid === uid)) tell(`${name} was replaced`)
    }),
    change('NATS 3 → 1', 1, () => apply({})),
  ]
}

function createSteps({ cluster, helm, kube, watch, installation }: NatsParts) {
  const { namespace } = installation
  const servers = natsServers(kube, namespace)
  const kubectl: Kubectl = (...args) => cluster.kubectl([`--namespace=${namespace}`, ...args])
  return {
    ...{ servers, kubectl },
    apply: (values: Values): Promise<void> => helm.apply({ ...installation, values }),
    change: (name: string, wanted: number, work: Change['make']): Change => ({
      name,
      async make(tell) {
        await watch.step(name, () => work(tell))
        await servers.untilCopied(wanted).catch((error: Error) => tell(error.message))
      },
    }),
    /** By another pod of its name, with nothing of what this one had in it. */
    async replace(pod: string, ...how: readonly string[]): Promise<void> {
      const find = async () => (await servers.pods()).find(({ name }) => name === pod)
      const before = await find()
      await kubectl('delete', `pod/${pod}`, ...how)
      const isBack = async (): Promise<boolean> => {
        const now = await find()
        return now !== undefined && now.uid !== before?.uid && now.ready
      }
      await until(`${pod} is back`, isBack, settleDeadlineMs)
    },
  }
}

/** A place on the node that anybody may write to: nobody here makes volumes that are asked for. */
async function makeVolume({ node, kubectl }: Cluster): Promise<void> {
  const path = '/var/lib/nats-volume'
  const [command = '', ...args] = node.inside('mkdir', '--mode=777', path)
  await promisify(execFile)(command, args)
  const spec = {
    ...{ capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], storageClassName: className },
    ...{ persistentVolumeReclaimPolicy: 'Retain', hostPath: { path } },
  }
  const volume = { apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: 'nats' }, spec }
  await kubectl(['create', '--filename=-'], JSON.stringify(volume))
}

/** As the job of every night does when its time has come. */
async function renewCertificate(kubectl: Kubectl): Promise<void> {
  const gone = [{ op: 'remove', path: '/data/tls.crt' }]
  await kubectl('patch', 'secret/nats', '--type=json', `--patch=${JSON.stringify(gone)}`)
  await kubectl('create', 'job', 'secrets-now', '--from=cronjob/secrets')
  await kubectl('wait', '--for=condition=Complete', 'job/secrets-now', '--timeout=120s')
  await kubectl('delete', 'job/secrets-now')
  // The kubelet looks at a Secret when its pod has changed, else once in a minute or two.
  await kubectl('annotate', 'pods', '--selector=app.kubernetes.io/name=nats', 'renewed=yes')
}
