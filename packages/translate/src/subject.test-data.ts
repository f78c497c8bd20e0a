// The translation as the laws take it: time is one more input.
import type { Resource } from '@penstock/gateway-api'
import type { GraphOptions } from '@penstock/incremental'
import { type Change, checkColdStart, failing, type Subject } from '@penstock/incremental/laws'
import type { Status } from '@penstock/ir'
import { type Fact, timeKey } from './histories.test-data.ts'
import { capabilities, everyPlane } from './rig.test-data.ts'
import { createTranslation, type Translation } from './translation.ts'

export interface TranslationSubject extends Subject<Fact> {
  readonly translation: Translation
}

export interface SubjectOptions {
  /** All Gateways share it. */
  readonly fleet?: string | undefined
  readonly graph?: GraphOptions | undefined
}

/** Of a certificate that lasts 100 ms, the last 10 are soon. */
export function createSubject({ fleet, graph }: SubjectOptions = {}): TranslationSubject {
  const translation = createTranslation({
    controllerName: 'penstock.dev/gateway-controller',
    capabilities: everyPlane(capabilities),
    certificateWarningMs: 10,
    graph: { freeze: true, twice: true, ...graph },
    ...(fleet === undefined ? {} : { fleet }),
  })
  return { translation, graph: translation.graph, apply: (changes) => applyFacts(translation, changes) }
}

/** One transaction; the last of the times counts. */
export function applyFacts(
  translation: Translation,
  changes: readonly Change<Fact>[],
): ReturnType<Translation['apply']> {
  const times = changes.flatMap(({ key, value }) => (key === timeKey && typeof value === 'number' ? [value] : []))
  const objects = changes.filter(({ key }) => key !== timeKey)
  return translation.apply(
    objects.map(({ key, value }) => ({ key, value: value as Resource | undefined })),
    times.at(-1),
  )
}

/** Each Gateway with a fleet of its own: among those that share one, a listener that nobody knows does not compete. */
export function checkHeld(changes: readonly Change<Fact>[], seed: number): void {
  checkColdStart({
    build: (graph) => createSubject({ graph }),
    changes,
    fail: failing(seed),
    steady,
  })
}

/** A listener counts the routes that are known, a Gateway the ListenerSets. */
function steady(collection: string, value: unknown): unknown {
  if (counts.has(collection)) return undefined
  return statuses.has(collection) ? uncounted(value as Status) : value
}

const counts: ReadonlySet<string> = new Set(['attachedRoutes.keys', 'attachedListenerSets.keys'])
const statuses: ReadonlySet<string> = new Set(['gatewayStatus', 'listenerSetStatus', 'status'])

const uncounted = (status: Status | undefined): unknown =>
  status && {
    ...status,
    attachedListenerSets: undefined,
    listeners: status.listeners.map((listener) => ({ ...listener, attachedRoutes: 0 })),
  }
