// The file that an agentgateway is started with: what it logs and traces; everything else it is told by its server. What
// the GatewayConfig has for the file is merged over all of it. JSON, which is YAML too.
import type { AccessLog, Logging, ProxyParameters, TelemetryEndpoint, Tracing } from '@penstock/ir'
import type { PlainObject } from '@penstock/kube'
import { mergeJson, objectOf } from './json-merge.ts'

type FileParameters = Pick<ProxyParameters, 'logging' | 'telemetry' | 'bootstrapJson'>

export function agentgatewayFile({ logging, telemetry, bootstrapJson }: FileParameters, fleet: string): string {
  // One of each: the translator refuses more, and what else it cannot do.
  const logs = telemetry?.accessLogs ?? []
  const sent = logs.find(({ sink }) => sink?.$case === 'openTelemetry')
  const printed = logs.find((log) => log !== sent)
  const tracing = telemetry?.tracing
  const file = {
    config: {
      logging: {
        level: levels(logging, printed ? 'info' : 'off'),
        ...(printed?.format ? { format: 'json' } : {}),
      },
    },
    frontendPolicies: {
      ...(logs.length === 0 ? {} : { accessLog: accessLog(printed, sent) }),
      ...(tracing?.endpoint ? { tracing: traces(tracing, tracing.endpoint, fleet) } : {}),
    },
  }
  return `${JSON.stringify(mergeJson(file, objectOf(bootstrapJson)))}\n`
}

/** Its line for each request is a component of its log. */
function levels(logging: Logging | undefined, ofRequests: 'info' | 'off'): string {
  const components = Object.entries(logging?.components ?? {}).map(([component, level]) => `${component}=${level}`)
  return [logging?.level || 'info', `request=${ofRequests}`, ...components].join()
}

/** Fields are added to those of its own. */
function accessLog(printed: AccessLog | undefined, sent: AccessLog | undefined): PlainObject {
  const otlp =
    sent?.sink?.$case === 'openTelemetry'
      ? { otlp: { ...collector(sent.sink.value), fields: { add: fieldsOf(sent.format) } } }
      : {}
  return { add: fieldsOf(printed?.format), ...otlp }
}

const fieldsOf = (format: AccessLog['format'] | undefined): Readonly<Record<string, string>> =>
  format?.$case === 'fields' ? format.value.values : {}

function traces(
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
