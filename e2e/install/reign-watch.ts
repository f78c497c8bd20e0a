// Who led when, and who read until when, build by build: looked at several times a second while releases change.
import { setTimeout as delay } from 'node:timers/promises'
import { channels } from '@penstock/bus'
import type { Kube } from '@penstock/kube'
import { leads, podsOf } from './pods.ts'

/** The first and the last time that something was so. */
export interface Span {
  readonly firstMs: number
  lastMs: number
}

export interface ReignWatch extends AsyncDisposable {
  /** When a leader of this app and build was seen to lead. */
  reign(app: string, build: string): Span | undefined
  /** When pods of this app and build were there that were not leaving. */
  presence(app: string, build: string): Span | undefined
  /** The order of reigns since the start, as a person reads it. */
  story(): string
}

const lookEveryMs = 200

export function watchReigns(kube: Kube, namespace: string): ReignWatch {
  const startMs = performance.now()
  const reigns = new Map<string, Span>()
  const presences = new Map<string, Span>()
  let closed = false
  const see = (spans: Map<string, Span>, key: string, nowMs: number): void => {
    const span = spans.get(key)
    if (span) span.lastMs = nowMs
    else spans.set(key, { firstMs: nowMs, lastMs: nowMs })
  }
  const look = async (): Promise<void> => {
    const pods = (await podsOf(kube, namespace)).filter(({ ip }) => ip !== '')
    const nowMs = performance.now()
    for (const pod of pods) if (!pod.leaving) see(presences, keyOf(pod), nowMs)
    const led = await Promise.all(pods.map(async (pod) => ((await leads(pod)) ? [pod] : [])))
    for (const pod of led.flat()) see(reigns, keyOf(pod), nowMs)
  }
  const looking = (async (): Promise<void> => {
    while (!closed) {
      await look().catch(() => {})
      await delay(lookEveryMs)
    }
  })()
  const seconds = (ms: number): string => ((ms - startMs) / 1_000).toFixed(1)
  return {
    reign: (app, build) => reigns.get(`${app} ${build}`),
    presence: (app, build) => presences.get(`${app} ${build}`),
    story: () =>
      [...reigns].map(([who, { firstMs, lastMs }]) => `${who} led ${seconds(firstMs)}-${seconds(lastMs)} s`).join(', '),
    async [Symbol.asyncDispose]() {
      closed = true
      await looking
    },
  }
}

const keyOf = ({ app, build }: { readonly app: string; readonly build: string }): string => `${app} ${build}`

export interface Upgrade {
  readonly older: string
  readonly newer: string
  /** Channels whose records the older build cannot read. */
  readonly raised: readonly string[]
  /** What runs there: no other reader is waited for. */
  readonly installed: readonly string[]
}

/** Whether a writer of the new build was seen to lead, for each channel that it changes. */
export const newWritersLead = (watch: ReignWatch, { newer, raised }: Upgrade): boolean =>
  [channels.resource, channels.ir]
    .filter(({ name }) => raised.includes(name))
    .every(({ publishers }) => publishers.every((writer) => watch.reign(writer, newer) !== undefined))

/** A sentence for each writer of the new build that led while a reader of the old one was still to stay. */
export function earlyWriters(
  watch: Pick<ReignWatch, 'reign' | 'presence'>,
  { older, newer, raised, installed }: Upgrade,
): readonly string[] {
  const all = [channels.resource, channels.ir, channels.status, channels.infra]
  const affected = all.filter(({ name }) => raised.includes(name))
  return affected.flatMap(({ name, publishers, readers }) =>
    publishers.flatMap((writer) => {
      const led = watch.reign(writer, newer)
      if (!led) return [`no ${writer} of the build ${newer} ever led`]
      return readers.flatMap((reader) => {
        if (!installed.includes(reader)) return []
        const read = watch.presence(reader, older)
        if (!read) return [`no ${reader} of the build ${older} was ever seen, so nobody knows when it went`]
        return read.lastMs > led.firstMs
          ? [`${writer} ${newer} wrote ${name} while ${reader} ${older} still read it`]
          : []
      })
    }),
  )
}

/** When the last reader of the old build was there, and from when on each writer of the new one led. */
export function handOver(watch: ReignWatch, { older, newer, raised }: Upgrade): string {
  const since = (ms: number | undefined): string => (ms === undefined ? 'never' : `${(ms / 1_000).toFixed(1)} s`)
  const affected = [channels.resource, channels.ir].filter(({ name }) => raised.includes(name))
  const told = affected.flatMap(({ name, publishers, readers }) => [
    ...readers.flatMap((reader) => {
      const span = watch.presence(reader, older)
      return span ? [`${reader} ${older} read ${name} until ${since(span.lastMs)}`] : []
    }),
    ...publishers.map((writer) => `${writer} ${newer} wrote it from ${since(watch.reign(writer, newer)?.firstMs)}`),
  ])
  return told.join(', ')
}
