// The file that an agentgateway is started with: what it logs and traces; everything else it is told by its server. What
// the GatewayConfig has for the file is merged over all of it. JSON, which is YAML too.
import type { AccessLog, Logging, ProxyParameters, TelemetryEndpoint, Tracing } from '@penstock/ir'
import type { PlainObject } from '@penstock/kube'
import { mergeJson, objectOf } from './json-merge.ts'

type FileParameters = Pick<ProxyParameters, 'logging' | 'telemetry' | 'bootstrapJson'>

export function agentgatewayFile({ logging, telemetry, bootstrapJson }: FileParameters, fleet: string): string {
  const logs = telemetry?.accessLogs ?? []
  const printed = logs.find(({ sink }) => sink?.$case !== 'openTelemetry')
  const file = {
    config: {
      logging: {
        level: levels(logging, printed !== undefined),
        ...(printed?.format?.$case === 'fields' ? { format: 'json' } : {}),
      },
    },
    frontendPolicies: {
      ...(logs.length === 0 ? {} : { accessLog: accessLog(logs, printed) }),
      ...(telemetry?.tracing?.endpoint
        ? { tracing: tracing(telemetry.tracing, telemetry.tracing.endpoint, fleet) }
        : {}),
    },
  }
  return `${JSON.stringify(mergeJson(file, objectOf(bootstrapJson)))}\n`
}

/** Its line for each request is a component of its log, at the level of information. */
function levels(logging: Logging | undefined, printed: boolean): string {
  const components = Object.entries(logging?.components ?? {}).map(([component, level]) => `${component}=${level}`)
  return [logging?.level || 'info', `request=${printed ? 'info' : 'off'}`, ...components].join()
}

/**
 * An agentgateway has one line for all, in its own words: fields are added to it, a text of one's own and a file are not
 * to be had, so there it prints its line. And it sends to one collector.
 */
function accessLog(logs: readonly AccessLog[], printed: AccessLog | undefined): PlainObject {
  const sent = logs.flatMap(({ sink, format }) =>
    sink?.$case === 'openTelemetry' ? [{ ...collector(sink.value), fields: { add: fieldsOf(format) } }] : [],
  )[0]
  return { add: fieldsOf(printed?.format), ...(sent ? { otlp: sent } : {}) }
}

const fieldsOf = (format: AccessLog['format']): Readonly<Record<string, string>> =>
  format?.$case === 'fields' ? format.value.values : {}

function tracing(
  { samplingPercent, serviceName, tags }: Tracing,
  endpoint: TelemetryEndpoint,
  fleet: string,
): PlainObject {
  const attributes = Object.entries(tags).map(([tag, value]) => [tag, literal(value)] as const)
  return {
    ...collector(endpoint),
    randomSampling: samplingPercent / 100,
    attributes: Object.fromEntries(attributes),
    resources: { 'service.name': literal(serviceName || fleet) },
  }
}

const collector = ({ host, port }: TelemetryEndpoint): PlainObject => ({
  host: host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`,
  protocol: 'grpc',
})

/** Attributes are expressions of CEL, whose strings are written as JSON's are. */
const literal = (text: string): string => JSON.stringify(text)
