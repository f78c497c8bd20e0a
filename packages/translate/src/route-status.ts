// What the owner of a route is told, for each parent of ours (Gateway API: RouteParentStatus). Accepted and
// ResolvedRefs do not depend on each other.
import type { Condition, ParentStatus, Source, Status } from '@penstock/ir'
import type { TranslatedRule } from './http-rule.ts'
import { conditionOf, type Problem, sentences } from './problem.ts'
import type { ParentOutcome } from './route-parents.ts'

/** What there is to tell of the route itself, to parents that one plane serves. */
export interface RouteOutcome {
  readonly rules: readonly TranslatedRule[]
  /** What is wrong with the route as a whole. */
  readonly problems: readonly Problem[]
  /** What requests get that match an invalid rule. */
  readonly unavailable: string
}

export function routeStatus(
  source: Source,
  parents: readonly ParentOutcome[],
  outcomeOf: (parent: ParentOutcome) => RouteOutcome,
): Status {
  return {
    source,
    conditions: [],
    parents: parents.map((parent) => parentStatus(parent, outcomeOf(parent))),
    listeners: [],
    supportedFeatures: [],
    fleets: [...new Set(parents.map(({ fleet }) => fleet))].sort(),
    finalizers: [],
  }
}

function parentStatus(parent: ParentOutcome, route: RouteOutcome): ParentStatus {
  const { ref, fleet } = parent
  return {
    group: ref.group,
    kind: ref.kind,
    namespace: ref.namespace ?? '',
    name: ref.name,
    sectionName: ref.sectionName ?? '',
    port: ref.port ?? 0,
    conditions: conditionsOf(parent, route),
    fleets: [fleet],
  }
}

function conditionsOf(
  { problem, attached }: ParentOutcome,
  { rules, problems, unavailable }: RouteOutcome,
): Condition[] {
  const broken = rules.filter(({ invalid }) => invalid.length > 0)
  const wholly = broken.length === rules.length ? [...problems, ...broken.flatMap(({ invalid }) => invalid)] : []
  const refused: readonly Problem[] = problem ? [problem] : wholly
  const unresolved = rules.flatMap((rule) => rule.unresolved)
  const accepted = conditionOf('Accepted', refused, `The route is attached to ${counted(attached.length, 'listener')}.`)
  const notServed = attached.some(({ point }) => point.serving) ? [] : [notServing]
  return [
    accepted,
    conditionOf('ResolvedRefs', unresolved, 'All references of the route are resolved.'),
    ...(accepted.status && broken.length > 0 ? [partiallyInvalid(broken, unavailable)] : []),
    conditionOf(
      'penstock.dev/Programmed',
      accepted.status ? notServed : [{ reason: 'Invalid', message: 'The route is not accepted.' }],
      'The route is handed to the proxies of its parent.',
    ),
  ]
}

/** The specification fixes how the message begins. */
function partiallyInvalid(broken: readonly TranslatedRule[], unavailable: string): Condition {
  const placesOf = (rules: readonly TranslatedRule[]): string => rules.map(({ place }) => place).join(', ')
  const answered = placesOf(broken.filter(({ rule }) => rule))
  const unmatched = placesOf(broken.filter(({ rule }) => !rule))
  const fates = [
    ...(answered ? [`${answered}: requests that match get ${unavailable}.`] : []),
    ...(unmatched ? [`${unmatched}: no request matches.`] : []),
  ]
  const message = `Dropped Rule ${fates.join(' ')} ${sentences(broken.flatMap(({ invalid }) => invalid))}`
  return { type: 'PartiallyInvalid', status: true, reason: 'UnsupportedValue', message }
}

const notServing: Problem = {
  reason: 'Invalid',
  message: 'None of the listeners to which the route is attached takes traffic; the status of the Gateway says why.',
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`
