// The wiring: each RESOURCE commit is one transaction of the translation; what differs goes out. A standby computes along
// and publishes nothing.
import { type Bus, type CommittedChange, channels, type JsonObject } from '@penstock/bus'
import { parseObjectKey, type Resource } from '@penstock/gateway-api'
import type { Round } from '@penstock/incremental'
import { envoyCapabilities } from '@penstock/plane-envoy'
import type { Admin, Health } from '@penstock/service'
import type { Logger, Meter } from '@penstock/telemetry'
import { createTranslation, type Translation } from '@penstock/translate'
import { createTranslatorMetrics } from './metrics.ts'
import { createOutputs } from './outputs.ts'

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
  const outputs = createOutputs({ bus, translation, log })

  const onCommit = (change: CommittedChange<JsonObject>): void => {
    const startedMs = performance.now()
    const round = translation.apply(
      change.changes.map(({ key, value }) => ({ key, value: value as Resource | undefined })),
    )
    for (const unserved of notServed(translation, change, round)) log.warn('not_served', unserved)
    metrics.round(round, performance.now() - startedMs)
    const inputs = [{ channel: 'resource', id: change.commit.id, streamCreatedMs: change.streamCreatedMs }]
    outputs.announce(round, inputs, change.commit.oldestChangeMs)
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
      await outputs[Symbol.asyncDispose]()
    },
  }
}

/** What changed, or lost its status, and has no effect: it must not seem to work. */
function notServed(
  translation: Translation,
  { changes }: CommittedChange<JsonObject>,
  round: Round,
): Record<string, string>[] {
  const changed = changes.flatMap(({ key, value }) => (value ? [key] : []))
  const lost = round.deltas(translation.status).flatMap(({ key, new: status }) => (status ? [] : [key]))
  return [...new Set([...changed, ...lost])].flatMap((key) => {
    const { kind, namespace, name } = parseObjectKey(key)
    const unread = translation.reads(key) ? undefined : `${kind} is not served yet: this object has no effect`
    const reason = unread ?? translation.unserved(key)
    return reason === undefined ? [] : [{ kind, namespace, name, reason }]
  })
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
