// What GatewayConfigs come to, as those read it who run proxies (INFRA) and those who program them (Fleet.telemetry). Kubernetes'
// own objects travel as JSON texts; equal ones are equal texts.
import {
  type AccessLog,
  type LogFields,
  type ProxyParameters,
  type Telemetry,
  type TelemetryEndpoint,
  unsetParameters,
} from '@penstock/ir'
import { type GatewayParameters, isObject } from './gateway-config.ts'

export function proxyParameters(spec: GatewayParameters): ProxyParameters {
  const { image, workload, replicas, autoscaling, disruptionBudget, drainSeconds, logging } = spec
  const telemetry = telemetryOf(spec)
  return {
    ...unsetParameters,
    ...(image === undefined ? {} : { image }),
    ...(workload === undefined ? {} : { workload }),
    ...(replicas === undefined ? {} : { replicas }),
    ...(autoscaling ? { autoscaling: autoscalingOf(autoscaling) } : {}),
    ...(disruptionBudget ? { disruptionBudget: budgetOf(disruptionBudget) } : {}),
    ...(spec.resources ? { resourcesJson: jsonText(spec.resources) } : {}),
    ...(spec.pod ? { pod: podOf(spec.pod) } : {}),
    ...(spec.service ? { service: serviceOf(spec.service) } : {}),
    ...(drainSeconds === undefined ? {} : { drainSeconds }),
    ...(logging ? { logging: { level: logging.level ?? '', components: sortedMap(logging.components) } } : {}),
    ...(telemetry ? { telemetry } : {}),
    ...(spec.bootstrap ? { bootstrapJson: jsonText(spec.bootstrap) } : {}),
    overlays: (spec.overlays ?? []).map(({ kind, patch }) => ({ kind, patchJson: jsonText(patch) })),
  }
}

/** Nothing, if nothing is to be told of requests. */
export function telemetryOf({ accessLogs = [], tracing }: GatewayParameters): Telemetry | undefined {
  if (accessLogs.length === 0 && tracing === undefined) return undefined
  return {
    accessLogs: accessLogs.map(accessLogOf),
    ...(tracing
      ? {
          tracing: {
            endpoint: endpointOf(tracing.openTelemetry),
            samplingPercent: tracing.samplingPercent ?? 100,
            serviceName: tracing.serviceName ?? '',
            tags: sortedMap(tracing.tags),
          },
        }
      : {}),
  }
}

type Said<K extends keyof GatewayParameters> = NonNullable<GatewayParameters[K]>

function accessLogOf({ text, fields, file, openTelemetry }: Said<'accessLogs'>[number]): AccessLog {
  const values: LogFields['values'] = sortedMap(fields)
  return {
    ...(text === undefined ? {} : { format: { $case: 'text', value: text } }),
    ...(fields === undefined ? {} : { format: { $case: 'fields', value: { values } } }),
    ...(file === undefined ? {} : { sink: { $case: 'file', value: file } }),
    ...(openTelemetry ? { sink: { $case: 'openTelemetry', value: endpointOf(openTelemetry) } } : {}),
  }
}

/** The port that collectors have for OTLP by gRPC. */
const otlpPort = 4317

const endpointOf = ({ host = '', port = otlpPort }: Said<'tracing'>['openTelemetry'] = {}): TelemetryEndpoint => ({
  host,
  port,
})

function autoscalingOf(said: Said<'autoscaling'>): NonNullable<ProxyParameters['autoscaling']> {
  const { minReplicas = 1, maxReplicas = 0, ...targets } = said
  const { targetCPUUtilizationPercentage: cpu, targetMemoryUtilizationPercentage: memory } = targets
  return {
    ...{ minReplicas, maxReplicas },
    ...(cpu === undefined ? {} : { targetCpuPercent: cpu }),
    ...(memory === undefined ? {} : { targetMemoryPercent: memory }),
  }
}

const budgetOf = ({ minAvailable = '', maxUnavailable = '' }: Said<'disruptionBudget'>) => ({
  minAvailable: String(minAvailable),
  maxUnavailable: String(maxUnavailable),
})

function podOf(said: Said<'pod'>): NonNullable<ProxyParameters['pod']> {
  const { labels, annotations, nodeSelector, containerSecurityContext, ...spec } = said
  return {
    labels: sortedMap(labels),
    annotations: sortedMap(annotations),
    nodeSelector: sortedMap(nodeSelector),
    specJson: jsonText(spec),
    containerSecurityContextJson: jsonText(containerSecurityContext),
  }
}

function serviceOf({ type, labels, annotations, ...spec }: Said<'service'>): NonNullable<ProxyParameters['service']> {
  return { type: type ?? '', labels: sortedMap(labels), annotations: sortedMap(annotations), specJson: jsonText(spec) }
}

/** Equal maps must give equal bytes. */
export const sortedMap = <V>(map: Readonly<Record<string, V>> = {}): Record<string, V> =>
  Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)))

/** Empty, where the object is. */
export function jsonText(object: object = {}): string {
  return Object.keys(object).length === 0
    ? ''
    : JSON.stringify(object, (_, value) => (isObject(value) ? sortedMap(value) : value))
}
