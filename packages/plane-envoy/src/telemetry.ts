// What proxies say of requests: access logs and traces of every connection manager, and the clusters of the collectors that
// hear them.
import type { AccessLog, Telemetry, TelemetryEndpoint, Tracing } from '@penstock/ir'
import { packAny } from './any.ts'
import { http2Options } from './clusters.ts'
import { inFleet } from './fleet-key.ts'
import type { AccessLog as AccessLogMessage } from './gen/envoy/config/accesslog/v3/accesslog.ts'
import { Cluster, Cluster_DiscoveryType, Cluster_DnsLookupFamily } from './gen/envoy/config/cluster/v3/cluster.ts'
import type { GrpcService } from './gen/envoy/config/core/v3/grpc_service.ts'
import type { SubstitutionFormatString } from './gen/envoy/config/core/v3/substitution_format_string.ts'
import { OpenTelemetryConfig } from './gen/envoy/config/trace/v3/opentelemetry.ts'
import { FileAccessLog } from './gen/envoy/extensions/access_loggers/file/v3/file.ts'
import { OpenTelemetryAccessLogConfig } from './gen/envoy/extensions/access_loggers/open_telemetry/v3/logs_service.ts'
import { StdoutAccessLog } from './gen/envoy/extensions/access_loggers/stream/v3/stream.ts'
import type { HttpConnectionManager } from './gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.ts'
import type { Any } from './gen/google/protobuf/any.ts'
import type { AnyValue } from './gen/opentelemetry/proto/common/v1/common.ts'
import { encodeResource, type Resource } from './resource.ts'

export type TelemetryParts = Pick<HttpConnectionManager, 'accessLog' | 'tracing'>

/** Of every connection manager of the fleet; nothing, where nothing is to be said. */
export function emitTelemetry(fleet: string, { accessLogs, tracing }: Telemetry): TelemetryParts {
  return {
    ...(accessLogs.length === 0 ? {} : { accessLog: accessLogs.map(emitAccessLog) }),
    ...(tracing ? { tracing: emitTracing(fleet, tracing) } : {}),
  }
}

type SinkCase = NonNullable<AccessLog['sink']>['$case']

const sinks: { readonly [C in SinkCase]: (log: AccessLog, sink: SinkOf<C>) => AccessLogMessage } = {
  file: (log, { value: path }) =>
    logger('file', 'file.v3.FileAccessLog', (name) => packAny(name, FileAccessLog, { path, ...formatOf(log) })),
  openTelemetry: (log, { value }) =>
    logger('open_telemetry', 'open_telemetry.v3.OpenTelemetryAccessLogConfig', (name) =>
      packAny(name, OpenTelemetryAccessLogConfig, {
        grpcService: callOf(value),
        logName: 'penstock',
        ...recordOf(log),
      }),
    ),
}
type SinkOf<C extends SinkCase> = Extract<AccessLog['sink'], { $case: C }>

function emitAccessLog(log: AccessLog): AccessLogMessage {
  if (log.sink) return sinks[log.sink.$case](log, log.sink as never)
  return logger('stdout', 'stream.v3.StdoutAccessLog', (name) => packAny(name, StdoutAccessLog, formatOf(log)))
}

function logger(kind: string, message: string, pack: (name: string) => Any): AccessLogMessage {
  const value = pack(`envoy.extensions.access_loggers.${message}`)
  return { name: `envoy.access_loggers.${kind}`, configType: { $case: 'typedConfig', value } }
}

type Format = { $case: 'logFormat'; value: SubstitutionFormatString }

/** Unset, Envoy has a line of its own. */
function formatOf({ format }: AccessLog): { accessLogFormat?: Format } {
  if (format === undefined) return {}
  const value: SubstitutionFormatString = { format: formats[format.$case](format as never) }
  return { accessLogFormat: { $case: 'logFormat', value } }
}

type FormatCase = NonNullable<AccessLog['format']>['$case']
type FormatOf<C extends FormatCase> = Extract<AccessLog['format'], { $case: C }>

const formats: { readonly [C in FormatCase]: (format: FormatOf<C>) => SubstitutionFormatString['format'] } = {
  text({ value }) {
    const inlineString = value.endsWith('\n') ? value : `${value}\n`
    return { $case: 'textFormatSource', value: { specifier: { $case: 'inlineString', value: inlineString } } }
  },
  fields: ({ value }) => ({ $case: 'jsonFormat', value: value.values }),
}

/** As Envoy writes it where nothing is said, without the end of the line. */
const usualLine =
  '[%START_TIME%] "%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%" %RESPONSE_CODE% %RESPONSE_FLAGS% ' +
  '%BYTES_RECEIVED% %BYTES_SENT% %DURATION% "%REQ(X-FORWARDED-FOR)%" "%REQ(USER-AGENT)%" "%REQ(X-REQUEST-ID)%" ' +
  '"%REQ(:AUTHORITY)%" "%UPSTREAM_HOST%"'

/** Fields are the attributes of a log record, a text is its body. */
function recordOf({ format }: AccessLog): Pick<OpenTelemetryAccessLogConfig, 'attributes' | 'body'> {
  if (format?.$case !== 'fields') return { body: text(format?.value ?? usualLine) }
  const values = Object.entries(format.value.values).map(([key, value]) => ({ key, value: text(value) }))
  return { attributes: { values } }
}

const text = (value: string): AnyValue => ({ value: { $case: 'stringValue', value } })

function emitTracing(
  fleet: string,
  { endpoint, samplingPercent, serviceName, tags }: Tracing,
): TelemetryParts['tracing'] {
  if (endpoint === undefined) throw new Error('traces without an endpoint: of a newer schema')
  const provider = packAny('envoy.config.trace.v3.OpenTelemetryConfig', OpenTelemetryConfig, {
    grpcService: callOf(endpoint),
    serviceName: serviceName || fleet,
  })
  return {
    provider: { name: 'envoy.tracers.opentelemetry', configType: { $case: 'typedConfig', value: provider } },
    randomSampling: { value: samplingPercent },
    customTags: Object.entries(tags).map(([tag, value]) => ({ tag, type: { $case: 'literal', value: { value } } })),
  }
}

/** Envoy would call it by the name of the cluster, which is no authority. */
function callOf(endpoint: TelemetryEndpoint): GrpcService {
  const { host, port } = endpoint
  const authority = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
  return { targetSpecifier: { $case: 'envoyGrpc', value: { clusterName: collectorName(endpoint), authority } } }
}

const prefix = 'telemetry/'

/** The name of the cluster. No record's key begins so. */
const collectorName = ({ host, port }: TelemetryEndpoint): string => `${prefix}${port}/${host}`

export const isCollector = (cluster: string): boolean => cluster.startsWith(prefix)

/** By `<fleet>/<cluster>`: whom the fleet's proxies tell. */
export function collectorsOf(fleet: string, { accessLogs, tracing }: Telemetry): string[] {
  const ofLogs = accessLogs.flatMap(({ sink }) => (sink?.$case === 'openTelemetry' ? [sink.value] : []))
  const endpoints = tracing?.endpoint ? [...ofLogs, tracing.endpoint] : ofLogs
  return endpoints.map((endpoint) => inFleet(fleet, collectorName(endpoint)))
}

export function emitCollector(name: string): Resource {
  const [portText = '', ...rest] = name.slice(prefix.length).split('/')
  const address = rest.join('/')
  return encodeResource(Cluster, {
    name,
    clusterDiscoveryType: { $case: 'type', value: Cluster_DiscoveryType.STRICT_DNS },
    dnsLookupFamily: Cluster_DnsLookupFamily.V4_PREFERRED,
    connectTimeout: { seconds: 5n },
    // Requests do not wait for who hears of them.
    waitForWarmOnInit: false,
    typedExtensionProtocolOptions: http2Options,
    loadAssignment: {
      clusterName: name,
      endpoints: [
        {
          lbEndpoints: [
            {
              hostIdentifier: {
                $case: 'endpoint',
                value: {
                  address: {
                    address: {
                      $case: 'socketAddress',
                      value: { address, portSpecifier: { $case: 'portValue', value: Number(portText) } },
                    },
                  },
                },
              },
            },
          ],
        },
      ],
    },
  })
}
