// The servers of the chart's NATS as they are seen at their own ports: what they store, and what they show to clients.
import { once } from 'node:events'
import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { channels } from '@penstock/bus'
import type { Kube } from '@penstock/kube'
import { until } from '@penstock/testkit'
import { type Pod, podsOf } from './pods.ts'

interface StreamDetail {
  readonly name: string
  readonly created: string
  readonly config: { readonly num_replicas: number }
}
interface Jsz {
  readonly meta_cluster?: { readonly leader?: string }
  readonly account_details?: readonly { readonly stream_detail?: readonly StreamDetail[] }[]
}

export interface NatsServers {
  /** Those that are not leaving. */
  pods(): Promise<readonly Pod[]>
  /** The pod of the one that leads them all. */
  leader(): Promise<Pod>
  /** When each stream was made, as a text. */
  created(): Promise<string>
  /** Resolves when there are so many, and each of them has every stream, which knows of so many copies. */
  untilCopied(servers: number): Promise<unknown>
  /** Of the certificates that they show, each once. */
  fingerprints(): Promise<readonly string[]>
}

const copiedDeadlineMs = 60_000
const answerMs = 5_000

/** As the charts name them where nothing is said. */
const streams = [
  'KV_penstock_leases',
  ...Object.values(channels).map(({ name, major }) => `penstock_${name}_v${major}_local`),
].toSorted()

export function natsServers(kube: Kube, namespace: string): NatsServers {
  const pods = async (): Promise<readonly Pod[]> =>
    (await podsOf(kube, namespace)).filter(({ app, leaving }) => app === 'nats' && !leaving)
  /** What is not as it must be. */
  const lacks = async (servers: number): Promise<readonly string[]> => {
    const all = await pods()
    const each = await Promise.all(
      all.map(async (pod) => {
        const details = await streamsOf(pod)
        const copies = new Map(details.map(({ name, config }) => [name, config.num_replicas]))
        const lacking = streams.filter((name) => copies.get(name) !== servers)
        return lacking.map((name) => `${pod.name} has ${name} ×${copies.get(name) ?? 0}, not ×${servers}`)
      }),
    )
    return [...(all.length === servers ? [] : [`${all.length} servers, not ${servers}`]), ...each.flat()]
  }
  return {
    pods,
    async leader() {
      const all = await pods()
      const names = await Promise.all(all.map(async (pod) => (await ask(pod)).meta_cluster?.leader))
      const leader = all.find(({ name }) => names.includes(name))
      if (!leader) throw new Error('no server of NATS leads')
      return leader
    },
    async created() {
      const details = (await Promise.all((await pods()).map(streamsOf))).flat()
      return details.map(({ name, created }) => `${name} ${created}`).join('\n')
    },
    untilCopied: (servers) =>
      until('all streams have their copies', async () => (await lacks(servers)).length === 0, copiedDeadlineMs).catch(
        async () => {
          throw new Error((await lacks(servers)).join(', '))
        },
      ),
    fingerprints: async () => [...new Set(await Promise.all((await pods()).map(({ ip }) => fingerprintAt(ip))))],
  }
}

/** Says nothing where it does not answer. */
async function ask({ ip }: Pod): Promise<Jsz> {
  const page = `http://${ip}:8222/jsz?accounts=true&streams=true&config=true`
  const answer = await fetch(page, { signal: AbortSignal.timeout(answerMs) }).catch(() => undefined)
  return answer?.ok ? ((await answer.json()) as Jsz) : {}
}

const streamsOf = async (pod: Pod): Promise<readonly StreamDetail[]> =>
  ((await ask(pod)).account_details ?? [])
    .flatMap(({ stream_detail: details = [] }) => details)
    .toSorted((one, other) => (one.name < other.name ? -1 : 1))

/** A server speaks first, in the clear: what it is, and that it goes on by TLS alone. */
async function fingerprintAt(host: string): Promise<string> {
  const socket = connect({ host, port: 4222 })
  try {
    await once(socket, 'data', { signal: AbortSignal.timeout(answerMs) })
    const secured = connectTls({ socket, rejectUnauthorized: false })
    await once(secured, 'secureConnect', { signal: AbortSignal.timeout(answerMs) })
    return secured.getPeerCertificate().fingerprint256
  } finally {
    socket.destroy()
  }
}
