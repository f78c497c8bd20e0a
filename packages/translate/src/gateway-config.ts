// GatewayConfig (penstock.dev): the one that a parametersRef names (Gateway API: ParametersReference,
// LocalParametersReference), and its words over those of a class.
import { type ConditionReason, type GatewayConfig, objectKey } from '@penstock/gateway-api'
import type { Collection, Read } from '@penstock/incremental'
import type { PlaneName } from '@penstock/ir'
import type { Problem } from './problem.ts'

/** What is set. */
export type GatewayParameters = GatewayConfig['spec']

export type ParametersProblem = Problem<ConditionReason<'Gateway', 'Accepted'> & 'InvalidParameters'>

/** What readers see of a GatewayConfig. */
export function gatewayParameters({ spec }: GatewayConfig): GatewayParameters {
  const { bootstrap, overlays } = spec
  return {
    ...(withoutNulls(spec) as GatewayParameters),
    // A null means something in a patch.
    ...(bootstrap ? { bootstrap } : {}),
    ...(overlays ? { overlays } : {}),
  }
}

/** For Kubernetes it is as if they were not there. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (!isObject(value)) return value
  const entries = Object.entries(value).filter(([, entry]) => entry !== null)
  return Object.fromEntries(entries.map(([name, entry]) => [name, withoutNulls(entry)]))
}

/** The words of one GatewayConfig. */
export interface SaidParameters {
  /** As a sentence names it. */
  readonly by: string
  readonly said: GatewayParameters
}

/** What several come to. */
export interface MergedParameters {
  readonly spec: GatewayParameters
  /** Whose word stands at a place such as `pod.labels`; as a list where a name may hold a dot. */
  readonly sayerOf: (place: string | readonly string[]) => string
}

/** Objects field by field, maps by key; lists are replaced. The last word counts. */
export function mergeParameters(layers: readonly SaidParameters[]): MergedParameters {
  const spec = layers.reduce<unknown>((below, { said }) => merge(below, said), {}) as GatewayParameters
  const sayerOf: MergedParameters['sayerOf'] = (place) => {
    const path = typeof place === 'string' ? place.split('.') : place
    return layers.findLast(({ said }) => valueAt(said, path) !== undefined)?.by ?? 'Penstock'
  }
  return { spec, sayerOf }
}

function merge(below: unknown, over: unknown): unknown {
  if (!isObject(below) || !isObject(over)) return over
  const merged: Record<string, unknown> = { ...below }
  for (const [name, value] of Object.entries(over)) {
    merged[name] = Object.hasOwn(below, name) ? merge(below[name], value) : value
  }
  return merged
}

function valueAt(value: unknown, [name, ...rest]: readonly string[]): unknown {
  if (name === undefined) return value
  return isObject(value) && Object.hasOwn(value, name) ? valueAt(value[name], rest) : undefined
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What is left of a class's words for a Gateway of another plane. */
export function forOtherPlane({ by, said }: SaidParameters): SaidParameters {
  const { plane: _, image: __, accessLogs: ___, bootstrap: ____, overlays: _____, ...kept } = said
  const { components: ______, ...logging } = said.logging ?? {}
  return { by, said: { ...kept, ...(said.logging ? { logging } : {}) } }
}

/** The plane that is asked for. */
export const planeOf = ({ plane }: GatewayParameters): PlaneName | undefined => plane && planes[plane]

const planes: Readonly<Record<NonNullable<GatewayParameters['plane']>, PlaneName>> = {
  Envoy: 'envoy',
  Agentgateway: 'agentgateway',
}

interface Reference {
  readonly group: string
  readonly kind: string
  readonly namespace?: string
  readonly name: string
}

export interface FoundParameters {
  /** Nothing, if nothing is named, or what is named cannot be read. */
  readonly layers: readonly SaidParameters[]
  readonly problems: readonly ParametersProblem[]
}

/** `field`: the reference as a sentence calls it. */
export function findParameters(
  ref: Reference | undefined,
  field: string,
  read: Read,
  from: { readonly parameters: Collection<GatewayParameters> },
): FoundParameters {
  if (ref === undefined) return { layers: [], problems: [] }
  const { group, kind, namespace = '', name } = ref
  if (group !== 'penstock.dev' || kind !== 'GatewayConfig') {
    return refused(
      `${field} names ${kind} of group "${group}", but GatewayConfig of group "penstock.dev" is read there.`,
    )
  }
  if (namespace === '') return refused(`${field} names no namespace, and a GatewayConfig is in one.`)
  const said = read.get(from.parameters, objectKey({ group, kind, namespace, name }))
  const by = `GatewayConfig ${namespace}/${name}`
  return said === undefined
    ? refused(`${field} names ${by}, which does not exist.`)
    : { layers: [{ by, said }], problems: [] }
}

const refused = (message: string): FoundParameters => ({
  layers: [],
  problems: [{ reason: 'InvalidParameters', message }],
})
