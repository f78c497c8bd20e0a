// The wiring: each RESOURCE commit is one transaction of the translation; what differs goes out as IR, then as STATUS,
// which names the IR commit that proxies must acknowledge. A standby computes along and publishes nothing.
import {
  type Bus,
  type CommittedChange,
  channels,
  type JsonObject,
  type PublishedState,
  type Publisher,
} from '@penstock/bus'
import { parseObjectKey, type Resource } from '@penstock/gateway-api'
import type { Collection } from '@penstock/incremental'
import type { CommitInput } from '@penstock/ir'
import { envoyCapabilities } from '@penstock/plane-envoy'
import type { Admin, Health } from '@penstock/service'
import type { Logger, Meter } from '@penstock/telemetry'
import { createTranslation, type Translation } from '@penstock/translate'
import { createTranslatorMetrics } from './metrics.ts'

export interface TranslatorOptions {
  bus: Bus
  config: { controllerName: string; fleet: string }
  log: Logger
  meter: Meter
  health?: Health
  admin?: Admin
}

export interface Translator extends AsyncDisposable {
  readonly translation: Translation
}

export function startTranslator({ bus, config, log, meter, health, admin }: TranslatorOptions): Translator {
  const translation = createTranslation({
    controllerName: config.controllerName,
    capabilities: { envoy: envoyCapabilities },
    ...(config.fleet === '' ? {} : { fleet: config.fleet }),
  })
  const metrics = createTranslatorMetrics(meter)
  const synced = health?.check('resources')
  let inputs: readonly CommitInput[] | undefined
  let held = translation.held()

  const ir = bus.publish(channels.ir, { state: () => inputs && stateOf(translation, translation.ir, held.ir, inputs) })
  const irCommits = new Map<string, number>()
  const status = bus.publish(channels.status, {
    state: () => {
      if (!inputs) return undefined
      const state = stateOf(translation, translation.status, held.status, inputs)
      const fallback = ir.stream?.lastCommit ?? 0
      const get = (key: string) => withCommit(state.get(key), irCommits.get(key) ?? fallback)
      return { ...state, get }
    },
  })

  const onCommit = (change: CommittedChange<JsonObject>): void => {
    const startedMs = performance.now()
    const round = translation.apply(
      change.changes.map(({ key, value }) => ({ key, value: value as Resource | undefined })),
    )
    for (const { key, value } of change.changes) {
      if (value && !translation.reads(key)) log.warn('not_served', notServed(key))
    }
    metrics.round(round, performance.now() - startedMs)
    inputs = [{ channel: 'resource', id: change.commit.id, streamCreatedMs: change.streamCreatedMs }]
    held = translation.held()
    for (const key of [...held.ir, ...held.status]) log.warn('key_held', { key })
    const statuses = round.deltas(translation.status).map(({ key }) => key)
    ir.changed(
      round.deltas(translation.ir).map(({ key }) => key),
      change.commit.oldestChangeMs,
    )
    publishStatus({ ir, status, irCommits, log }, statuses, change.commit.oldestChangeMs)
    synced?.pass()
  }
  const follower = bus.follow(channels.resource, {
    onCommit,
    onHeld: (reason) => (reason ? log.warn('resources_held', { ...reason }) : log.info('resources_readable')),
  })
  addDebugPages(admin, translation)
  return {
    translation,
    async [Symbol.asyncDispose]() {
      await follower[Symbol.asyncDispose]()
      await ir[Symbol.asyncDispose]()
      await status[Symbol.asyncDispose]()
    },
  }
}

/** What no part of Penstock acts on yet must not seem to work. */
function notServed(key: string): Record<string, string> {
  const { kind, namespace, name } = parseObjectKey(key)
  return { kind, namespace, name, reason: `${kind} is not served yet: this object has no effect` }
}

interface StatusWay {
  ir: Publisher
  status: Publisher
  irCommits: Map<string, number>
  log: Logger
}

/** STATUS follows once the IR of the same transaction is out, so that the commit it names exists. */
function publishStatus({ ir, status, irCommits, log }: StatusWay, keys: readonly string[], changedMs: number): void {
  if (!ir.leading) {
    status.changed(keys, changedMs)
    return
  }
  ir.settled().then(
    (commit) => {
      for (const key of keys) irCommits.set(key, commit)
      status.changed(keys, changedMs)
    },
    (error: unknown) => log.debug('status_waits', { error }),
  )
}

function stateOf<V>(
  { graph }: Translation,
  collection: Collection<V>,
  held: ReadonlySet<string>,
  inputs: readonly CommitInput[],
): PublishedState<V> {
  const values = graph.values(collection)
  return {
    get: (key) => {
      const value = values.get(key)
      return value === undefined ? undefined : { value }
    },
    keys: () => values.keys(),
    held,
    inputs,
  }
}

function withCommit<V>(record: { value: V } | undefined, commit: number) {
  return record && { value: record.value, headers: { 'ir-commit': String(commit) } }
}

/** `/debug/collections` lists the graph; `/debug/collections/<name>/<key>` says why a key has its value. */
function addDebugPages(admin: Admin | undefined, { graph }: Translation): void {
  admin?.debug('collections', ({ rest }) => {
    if (rest === '')
      return graph.collections.map((collection) => ({ name: collection.name, keys: graph.values(collection).size }))
    const [name, ...key] = rest.split('/')
    const collection = graph.collections.find((candidate) => candidate.name === name)
    if (!collection) return undefined
    return key.length === 0 ? [...graph.values(collection).keys()] : graph.explain(collection, key.join('/'))
  })
}
