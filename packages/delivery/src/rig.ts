// A server of proxies in process for tests: a translator's end of the bus, a status reporter's, and what the server logs.
import {
  type Bus,
  channels,
  createMemoryBus,
  createSealer,
  type MemoryBroker,
  type Publisher,
  type Sealer,
} from '@penstock/bus'
import type { Feedback, IrRecord, Source } from '@penstock/ir'
import { type Logger, silentLogger, silentMeter } from '@penstock/telemetry'
import { createDeltaClient, type DeltaClient, type DeltaClientOptions } from '@penstock/xds'
import type { DeliveryOptions } from './delivery.ts'

export const fleet = 'local'
const namespace = 'default'
const attached = { fleet, port: 80, listener: 'listener/default/gateway/Gateway/default/gateway/http' }

export const source = (kind: string, name: string, generation = 1): Source => ({
  ...{ group: '', kind, namespace, name, uid: `${kind}-${name}`, generation },
})

type Keyed = readonly [key: string, record: IrRecord]

/** A fleet with one listener on port 80, and `foo.example.com` going to the Service `a`. */
export const basics: readonly Keyed[] = [
  [`fleet/${fleet}`, { kind: 'fleet', value: { source: source('Gateway', 'gateway'), name: fleet, plane: 'envoy' } }],
  [
    attached.listener,
    {
      kind: 'listener',
      value: {
        source: source('Gateway', 'gateway'),
        ...{ fleet, gatewayNamespace: namespace, gatewayName: 'gateway', section: 'http', port: 80, hostname: '' },
        ...{ ownerKind: 'Gateway', ownerNamespace: namespace, ownerName: 'gateway', precedence: '' },
        protocol: { $case: 'http', value: {} },
      },
    },
  ],
  [
    'backend/Service/default/a/80/',
    {
      kind: 'backend',
      value: {
        source: source('Service', 'a'),
        ...{ kind: 'Service', namespace, name: 'a', port: 80, variant: '', protocol: 0 },
        discovery: { $case: 'service', value: { namespace, service: 'a', portName: '' } },
      },
    },
  ],
  rule('foo', '/'),
]

export function rule(name: string, path: string, generation = 1, part = '#0'): Keyed {
  const hostname = `${name}.example.com`
  const target = { $case: 'backend', value: 'backend/Service/default/a/80/' } as const
  const match = {
    precedence: '',
    path: { $case: 'prefix', value: path } as const,
    method: '',
    headers: [],
    query: [],
    grpc: false,
  }
  return [
    `http_rule/HTTPRoute/default/${name}/${part}`,
    {
      kind: 'http_rule',
      value: {
        source: source('HTTPRoute', name, generation),
        ...{ rule: part, precedence: name, filters: [], matches: [match], timeouts: undefined },
        attachments: [{ ...attached, hostnames: [{ hostname, routeHostname: hostname }] }],
        backends: [{ weight: 1, filters: [], target }],
      },
    },
  ]
}

export interface LogLine {
  event: string
  [field: string]: unknown
}

/** What each server of proxies takes to start. */
export interface DeliveryParts extends Omit<DeliveryOptions, 'plane' | 'service'> {
  readonly sealer: Sealer | undefined
}

export interface DeliveryRigOptions<S> {
  readonly service: Parameters<MemoryBroker['connect']>[0]['service']
  readonly sealed?: boolean
  start(parts: DeliveryParts): Promise<S>
}

export interface DeliveryRig<S> extends AsyncDisposable {
  readonly broker: MemoryBroker
  readonly service: S
  readonly lines: LogLine[]
  /** FEEDBACK as a reader of the bus sees it, by key. */
  readonly feedback: Map<string, Feedback>
  readonly ready: () => boolean
  readonly sealer: Sealer
  /** Changes the IR in one commit; undefined removes. */
  commit(...changes: readonly (Keyed | readonly [key: string, record: undefined])[]): Promise<number>
  proxy(id: string, options?: Partial<DeltaClientOptions>): DeltaClient
}

const place = { install: 'test', source: 'local', settings: { leaseRetryMs: 20 } }

export async function startDeliveryRig<S extends AsyncDisposable & { readonly port: number }>(
  options: DeliveryRigOptions<S>,
): Promise<DeliveryRig<S>> {
  const stack = new AsyncDisposableStack()
  const broker = stack.use(createMemoryBus())
  const connect = (service: DeliveryRigOptions<S>['service']): Bus => stack.use(broker.connect({ ...place, service }))
  const records = new Map<string, IrRecord>()
  const publisher = publish(connect('translator'), records)
  const feedback = new Map<string, Feedback>()
  connect('status-reporter').listen(channels.feedback, {
    onChange: (changes) => {
      for (const { key, value } of changes) {
        if (value) feedback.set(key, value)
        else feedback.delete(key)
      }
    },
  })
  const lines: LogLine[] = []
  const sealer = createSealer({ current: 'k', keys: { k: Buffer.alloc(32, 7) } })
  let ready = false
  const service = stack.use(
    await options.start({
      bus: connect(options.service),
      config: { xdsHost: '127.0.0.1', xdsPort: 0, instance: 'x1' },
      ...{ sealer: options.sealed === false ? undefined : sealer, log: recording(lines), meter: silentMeter },
      health: {
        ready,
        checks: [],
        check: () => ({ pass: () => void (ready = true), fail: () => void (ready = false) }),
      },
    }),
  )
  return {
    ...{ broker, service, lines, feedback, sealer, ready: () => ready },
    commit(...changes) {
      for (const [key, record] of changes) {
        if (record) records.set(key, record)
        else records.delete(key)
      }
      publisher.changed(
        changes.map(([key]) => key),
        Date.now(),
      )
      return publisher.settled()
    },
    proxy(id, more = {}) {
      const client = stack.use(createDeltaClient({ port: service.port, node: { id, cluster: fleet }, ...more }))
      return client
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

function publish(bus: Bus, records: ReadonlyMap<string, IrRecord>): Publisher {
  const get = (key: string) => {
    const value = records.get(key)
    return value && { value }
  }
  const state = { get, keys: () => records.keys(), held: new Set<string>(), inputs: [] }
  return bus.publish(channels.ir, { state: () => (records.size === 0 ? undefined : state) })
}

function recording(lines: LogLine[]): Logger {
  const add = (event: string, fields = {}): void => void lines.push({ event, ...fields })
  return { ...silentLogger, info: add, warn: add, error: add, child: () => recording(lines) }
}
