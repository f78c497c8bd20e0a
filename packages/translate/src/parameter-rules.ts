// What the words of GatewayConfigs cannot come to: two that exclude each other, though each object by itself is fine (the
// CRD judges that), what the plane cannot do, and what would take a proxy from Penstock.
import { type AccessLogSink, defaultDrainSeconds, type PlaneName, type ProxyCapabilities } from '@penstock/ir'
import { type GatewayParameters, isObject, type MergedParameters, type ParametersProblem } from './gateway-config.ts'
import type { PlaneCapabilities } from './settings.ts'

export function parameterProblems(
  merged: MergedParameters,
  planeName: PlaneName,
  capabilities: PlaneCapabilities,
): readonly ParametersProblem[] {
  const plane = { name: names[planeName], proxies: capabilities[planeName].proxies }
  const told = [
    ...combinationProblems(merged),
    ...missing(merged),
    ...logComponentProblems(merged, plane),
    ...accessLogProblems(merged, plane),
    ...tracingProblems(merged, plane),
    ...bootstrapProblems(merged, plane.proxies),
    ...overlayProblems(merged),
  ]
  return told.map((message) => ({ reason: 'InvalidParameters', message }))
}

/** As their makers write them. */
const names: Readonly<Record<PlaneName, string>> = { envoy: 'Envoy', agentgateway: 'agentgateway' }

interface Combination {
  readonly places: readonly [string, string]
  readonly isBad: (spec: GatewayParameters) => boolean
  readonly because: string
}

const forLoadBalancers = ['loadBalancerClass', 'loadBalancerSourceRanges', 'allocateLoadBalancerNodePorts'] as const

const combinations: readonly Combination[] = [
  {
    places: ['workload', 'replicas'],
    isBad: ({ workload, replicas }) => workload === 'DaemonSet' && replicas !== undefined,
    because: 'a DaemonSet has one pod on each node',
  },
  {
    places: ['workload', 'autoscaling'],
    isBad: ({ workload, autoscaling }) => workload === 'DaemonSet' && autoscaling !== undefined,
    because: 'a DaemonSet has one pod on each node',
  },
  {
    places: ['replicas', 'autoscaling'],
    isBad: ({ replicas, autoscaling }) => replicas !== undefined && autoscaling !== undefined,
    because: 'the number of proxies is either given or found',
  },
  {
    places: ['autoscaling.minReplicas', 'autoscaling.maxReplicas'],
    isBad: ({ autoscaling: { minReplicas = 1, maxReplicas } = {} }) =>
      maxReplicas !== undefined && minReplicas > maxReplicas,
    because: 'the first must not be more than the second',
  },
  {
    places: ['disruptionBudget.minAvailable', 'disruptionBudget.maxUnavailable'],
    isBad: ({ disruptionBudget: { minAvailable, maxUnavailable } = {} }) =>
      minAvailable !== undefined && maxUnavailable !== undefined,
    because: 'a budget has one of the two',
  },
  {
    places: ['drainSeconds', 'pod.terminationGracePeriodSeconds'],
    isBad: ({ drainSeconds = defaultDrainSeconds, pod: { terminationGracePeriodSeconds: grace } = {} }) =>
      grace !== undefined && grace <= drainSeconds,
    because: 'the second must be more than the first, or proxies are killed while they drain',
  },
  {
    places: ['service.type', 'service.externalTrafficPolicy'],
    isBad: ({ service: { type, externalTrafficPolicy } = {} }) =>
      type === 'ClusterIP' && externalTrafficPolicy !== undefined,
    because: 'a Service of type ClusterIP has no such policy',
  },
  ...forLoadBalancers.map(
    (field): Combination => ({
      places: ['service.type', `service.${field}`],
      isBad: ({ service = {} }) => (service.type ?? 'LoadBalancer') !== 'LoadBalancer' && service[field] !== undefined,
      because: 'it is for the type LoadBalancer alone',
    }),
  ),
]

function combinationProblems({ spec, sayerOf }: MergedParameters): readonly string[] {
  return combinations
    .filter(({ isBad }) => isBad(spec))
    .map(({ places: [one, other], because }) => {
      const [first, second] = [sayerOf(one), sayerOf(other)]
      const setters = first === second ? `${first} sets ${one} and` : `${first} sets ${one}, and ${second} sets`
      return `${setters} ${other}: ${because}.`
    })
}

function missing({ spec: { autoscaling, tracing }, sayerOf }: MergedParameters): readonly string[] {
  return [
    ...(autoscaling && autoscaling.maxReplicas === undefined
      ? [`${sayerOf('autoscaling')} sets autoscaling, and nobody sets autoscaling.maxReplicas.`]
      : []),
    ...(tracing && tracing.openTelemetry?.host === undefined
      ? [`${sayerOf('tracing')} sets tracing, and nobody sets tracing.openTelemetry.host.`]
      : []),
  ]
}

interface Plane {
  readonly name: string
  readonly proxies: ProxyCapabilities
}

function logComponentProblems(
  { spec, sayerOf }: MergedParameters,
  { name, proxies: { logComponents } }: Plane,
): readonly string[] {
  const unknown = Object.keys(spec.logging?.components ?? {}).filter((one) => logComponents?.has(one) === false)
  return unknown.map((one) => {
    const place = ['logging', 'components', one]
    return `${sayerOf(place)} sets ${place.join('.')}, but ${name} has no such component.`
  })
}

function accessLogProblems(
  { spec: { accessLogs = [] }, sayerOf }: MergedParameters,
  { name, proxies: { accessLogs: can } }: Plane,
): readonly string[] {
  const sayer = sayerOf('accessLogs')
  const tooMany = [...can.sinks].flatMap(([sink, most]) => {
    const count = accessLogs.filter((log) => sinkOf(log) === sink).length
    return count > most
      ? [`${sayer} sets ${count} accessLogs to ${sinkNames[sink]}, but ${name} can have ${most}.`]
      : []
  })
  const ofEach = accessLogs.flatMap(({ text, fields, file, openTelemetry }, at) => {
    const place = `${sayer} sets accessLogs[${at}]`
    const cannot = (field: string): string => `${place}.${field}, which ${name} cannot do.`
    const words = [
      ...(text === undefined ? [] : [['text', text] as const]),
      ...Object.entries(fields ?? {}).map(([field, value]) => [`fields.${field}`, value] as const),
    ]
    return [
      ...(text !== undefined && !can.formats.has('text') ? [cannot('text')] : []),
      ...(fields !== undefined && !can.formats.has('fields') ? [cannot('fields')] : []),
      ...(file !== undefined && !can.sinks.has('file') ? [cannot('file')] : []),
      ...(openTelemetry !== undefined && !can.sinks.has('openTelemetry') ? [cannot('openTelemetry')] : []),
      ...words.flatMap(([field, value]) => {
        const problem = can.formats.has(text === undefined ? 'fields' : 'text') ? can.problemOf(value) : undefined
        return problem === undefined ? [] : [`${place}.${field}, which ${name} cannot read: ${problem}.`]
      }),
    ]
  })
  return [...tooMany, ...ofEach]
}

const sinkOf = ({ file, openTelemetry }: NonNullable<GatewayParameters['accessLogs']>[number]): AccessLogSink =>
  file !== undefined ? 'file' : openTelemetry ? 'openTelemetry' : 'standardOutput'

const sinkNames: Readonly<Record<AccessLogSink, string>> = {
  standardOutput: 'standard output',
  file: 'a file',
  openTelemetry: 'a collector',
}

function tracingProblems(
  { spec: { tracing }, sayerOf }: MergedParameters,
  { name, proxies }: Plane,
): readonly string[] {
  const asked = tracing === undefined ? [] : (['samplingPercent', 'serviceName', 'tags'] as const)
  return asked
    .filter((field) => tracing?.[field] !== undefined && !proxies.tracing.has(field))
    .map((field) => `${sayerOf(`tracing.${field}`)} sets tracing.${field}, which ${name} cannot do.`)
}

function bootstrapProblems(
  { spec, sayerOf }: MergedParameters,
  { ownBootstrap }: ProxyCapabilities,
): readonly string[] {
  return ownBootstrap
    .filter((place) => touches(spec.bootstrap, place.split('.')))
    .map((place) => `${sayerOf('bootstrap')} sets ${place} in bootstrap, which is Penstock's alone to say.`)
}

/** Of every object that is made, however it is patched. */
const ownOfObjects = [
  ...['api_version', 'kind', 'spec.selector', 'spec.scale_target_ref'],
  ...['name', 'namespace', 'uid', 'owner_references'].map((field) => `metadata.${field}`),
]

function overlayProblems({ spec: { overlays = [] }, sayerOf }: MergedParameters): readonly string[] {
  return overlays.flatMap(({ patch }, at) =>
    ownOfObjects
      .filter((place) => touches(patch, place.split('.')))
      .map(
        (place) => `${sayerOf('overlays')} sets ${camel(place)} in overlays[${at}], which is Penstock's alone to say.`,
      ),
  )
}

/** Whether a merge of the patch would set, replace or remove what stands at the place. Programs read both cases of a name. */
function touches(patch: unknown, [name, ...rest]: readonly string[]): boolean {
  if (name === undefined || (patch !== undefined && !isObject(patch))) return true
  const below = Object.entries(patch ?? {}).filter(([field]) => snake(field) === name)
  return below.some(([, value]) => touches(value, rest))
}

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
const camel = (place: string): string => place.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
