// What proxies are started with: their file and their arguments.
import { describe, expect, it } from '@jest/globals'
import type { AccessLog, Infra, ProxyParameters } from '@penstock/ir'
import { bodyOf, infra, templateOf, withParameters } from './fleet.test-data.ts'

const agentgateway = { plane: 'agentgateway' }
const fileOf = (wanted: Infra) =>
  JSON.parse(Object.values(bodyOf(wanted, 'ConfigMap')['data'] as Record<string, string>)[0] ?? '')
const logging = { level: 'debug', components: { upstream: 'trace', http: 'off' } }

describe('an Envoy', () => {
  const logArguments = (parameters: Partial<ProxyParameters>) => {
    const args = templateOf(withParameters(parameters)).spec.containers[0]?.['args'] as string[]
    return args.slice(args.indexOf('--log-level')).slice(0, 4)
  }

  it('logs as the GatewayConfig says', () => {
    expect(logArguments({}).slice(0, 2)).toEqual(['--log-level', 'warn'])
    expect(logArguments({ logging })).toEqual([
      '--log-level',
      'debug',
      '--component-log-level',
      'upstream:trace,http:off',
    ])
  })

  it('has its bootstrap merged with the GatewayConfig’s', () => {
    const wanted = withParameters({
      bootstrapJson: '{"admin":null,"layered_runtime":{"layers":[]},"stats_flush_interval":"5s"}',
    })
    expect(fileOf(wanted)).toMatchObject({
      node: fileOf(infra).node,
      layered_runtime: { layers: [] },
      stats_flush_interval: '5s',
    })
    expect(fileOf(wanted).admin).toBeUndefined()
  })
})

describe('an agentgateway', () => {
  it.each<[string, Partial<ProxyParameters>, object]>([
    ['says nothing of requests', {}, { config: { logging: { level: 'info,request=off' } }, frontendPolicies: {} }],
    [
      'logs as the GatewayConfig says',
      { logging },
      { config: { logging: { level: 'debug,request=off,upstream=trace,http=off' } }, frontendPolicies: {} },
    ],
    [
      'has its file merged with the GatewayConfig’s',
      { bootstrapJson: '{"config":{"workerThreads":2,"logging":{"format":"json"}}}' },
      {
        config: { logging: { level: 'info,request=off', format: 'json' }, workerThreads: 2 },
        frontendPolicies: {},
      },
    ],
  ])('%s', (_, parameters, file) => {
    expect(fileOf(withParameters(parameters, agentgateway))).toEqual(file)
  })

  const fields = { $case: 'fields', value: { values: { agent: 'request.headers["user-agent"]' } } } as const
  const collector = { $case: 'openTelemetry', value: { host: 'collector.obs', port: 4317 } } as const
  const sent = { host: 'collector.obs:4317', protocol: 'grpc' }
  it.each<[string, AccessLog[], object]>([
    ['its own line', [{}], { level: 'info,request=info', accessLog: { add: {} } }],
    [
      'fields of its own',
      [{ format: fields }],
      { level: 'info,request=info', format: 'json', accessLog: { add: fields.value.values } },
    ],
    [
      'to a collector alone',
      [{ format: fields, sink: collector }],
      { level: 'info,request=off', accessLog: { add: {}, otlp: { ...sent, fields: { add: fields.value.values } } } },
    ],
    [
      'to a collector beside its own line',
      [{ format: fields }, { sink: collector }],
      {
        ...{ level: 'info,request=info', format: 'json' },
        accessLog: { add: fields.value.values, otlp: { ...sent, fields: { add: {} } } },
      },
    ],
  ])('says of requests %s', (_, accessLogs, { accessLog, ...logs }: { accessLog?: object }) => {
    const file = fileOf(withParameters({ telemetry: { accessLogs } }, agentgateway))
    expect(file).toEqual({ config: { logging: logs }, frontendPolicies: { accessLog } })
  })

  it('traces requests to a collector', () => {
    const tracing = {
      endpoint: { host: '::1', port: 4317 },
      samplingPercent: 25,
      serviceName: '',
      tags: { zone: 'a"b' },
    }
    const file = fileOf(withParameters({ telemetry: { accessLogs: [], tracing } }, agentgateway))
    expect(file.frontendPolicies.tracing).toEqual({
      ...{ host: '[::1]:4317', protocol: 'grpc', randomSampling: 0.25 },
      attributes: { zone: '"a\\"b"' },
      resources: { 'service.name': '"default~web"' },
    })
  })
})
