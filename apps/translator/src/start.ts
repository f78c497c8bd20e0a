// The wiring: each RESOURCE commit is one transaction of the translation; what differs goes out. A standby computes along
// and publishes nothing.
import { type Bus, type CommittedChange, channels, type JsonObject } from '@penstock/bus'
import { parseObjectKey, type Resource } from '@penstock/gateway-api'
import type { Round } from '@penstock/incremental'
import type { CommitInput } from '@penstock/ir'
import { agentgatewayCapabilities } from '@penstock/plane-agentgateway'
import { envoyCapabilities } from '@penstock/plane-envoy'
import { type Admin, addCollectionPages, type Health } from '@penstock/service'
import type { Logger, Meter } from '@penstock/telemetry'
import { createTranslation, type ResourceChange, type Translation } from '@penstock/translate'
import { createDeadlineTimer } from './deadline-timer.ts'
import { createTranslatorMetrics } from './metrics.ts'
import { createOutputs } from './outputs.ts'
import type { TranslatorConfig } from './settings.ts'

const dayMs = 24 * 60 * 60 * 1_000

export interface TranslatorOptions {
  bus: Bus
  config: Pick<TranslatorConfig, 'controllerName' | 'fleet'> &
    Partial<Pick<TranslatorConfig, 'certificateWarningDays' | 'plane'>>
  log: Logger
  meter: Meter
  health?: Health
  admin?: Admin
  /** For tests: ms since 1970. */
  nowMs?: () => number
}

export interface Translator extends AsyncDisposable {
  readonly translation: Translation
}

export function startTranslator(options: TranslatorOptions): Translator {
  const { bus, config, log, meter, health, admin, nowMs = Date.now } = options
  const { certificateWarningDays: days } = config
  const translation = createTranslation({
    controllerName: config.controllerName,
    capabilities: { envoy: envoyCapabilities, agentgateway: agentgatewayCapabilities },
    ...(config.plane === undefined ? {} : { plane: config.plane }),
    ...(config.fleet === '' ? {} : { fleet: config.fleet }),
    ...(days === undefined ? {} : { certificateWarningMs: days * dayMs }),
  })
  const metrics = createTranslatorMetrics(meter, translation.graph)
  const synced = health?.check('resources', 'a first whole commit of RESOURCE')
  const outputs = createOutputs({ bus, translation, log })

  let inputs: readonly CommitInput[] = []

  const apply = (changes: readonly ResourceChange[], oldestChangeMs: number): Round => {
    const startedMs = performance.now()
    const round = translation.apply(changes, nowMs())
    metrics.round(round, performance.now() - startedMs)
    outputs.announce(round, inputs, oldestChangeMs)
    deadline.arm(translation.nextDeadlineMs)
    return round
  }
  const deadline = createDeadlineTimer(nowMs, () => apply([], nowMs()))
  const onCommit = (change: CommittedChange<JsonObject>): void => {
    inputs = [{ channel: 'resource', id: change.commit.id, streamCreatedMs: change.streamCreatedMs }]
    const changes = change.changes.map(({ key, value }) => ({ key, value: value as Resource | undefined }))
    const round = apply(changes, change.commit.oldestChangeMs)
    for (const unserved of notServed(translation, change, round)) log.warn('not_served', unserved)
    synced?.pass()
  }
  const follower = bus.follow(channels.resource, {
    onCommit,
    onHeld: (reason) => (reason ? log.warn('resources_held', { ...reason }) : log.info('resources_readable')),
  })
  if (admin) addCollectionPages(admin, translation.graph)
  admin?.debug('bus', ({ rest }) => bus.inspect(rest))
  return {
    translation,
    async [Symbol.asyncDispose]() {
      await follower[Symbol.asyncDispose]()
      deadline[Symbol.dispose]()
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
