// Which objects stand behind a change of a resource: those whose records changed with it and have a part in it. It names
// them for the proxy's acknowledgement or rejection, so it may name one too many, never one too few.
import {
  backendsNamedBy,
  certificateKey,
  gatewayKey,
  type IrKind,
  type IrRecord,
  type Source,
  sourceKey,
} from '@penstock/ir'
import { bundleKeys, parseClusterName, trustOf } from './backend-tls.ts'
import type { EnvoyType } from './envoy-types.ts'
import { fleetOf, inFleet, nameOf } from './fleet-key.ts'
import type { ReadKind, RecordOf } from './graph.ts'
import { secretNames } from './listeners.ts'
import { parsePlace, placeKey, portKey } from './place.ts'
import { tableOf } from './tables.ts'
import { isCollector } from './telemetry.ts'

/** What a record has a part in, as texts that `topicsOf` a resource gives too. */
const topics: { readonly [K in ReadKind]: (record: RecordOf<K>, key: string) => string[] } = {
  // Without telemetry it has no part in anything.
  fleet: ({ name, telemetry }) => (telemetry ? [`telemetry ${name}`] : []),
  http_rule: (rule) => [
    ...rule.attachments.flatMap(({ fleet, port, hostnames }) =>
      hostnames.flatMap(({ hostname }) => [
        `table ${placeKey(portKey(fleet, port), tableOf(hostname))}`,
        `scope ${placeKey(portKey(fleet, port), hostname)}`,
      ]),
    ),
    ...rule.attachments.flatMap(({ fleet }) =>
      backendsNamedBy(rule).map((backend) => `use ${inFleet(fleet, backend)}`),
    ),
  ],
  listener: ({ fleet, port, hostname, protocol }) => [
    `port ${portKey(fleet, port)}`,
    ...(protocol?.$case === 'https'
      ? [hostname, ...secretNames(protocol.value)].map((name) => `secret ${inFleet(fleet, name)}`)
      : []),
  ],
  gateway: (gateway) => [
    `client ${gatewayKey(gateway)}`,
    ...(gateway.backendCertificate
      ? [`secret ${inFleet(gateway.fleet, certificateKey(gateway.backendCertificate))}`]
      : []),
  ],
  backend: ({ tls }, key) => {
    const trust = tls && trustOf(tls)
    return [`backend ${key}`, ...(trust === undefined ? [] : [`trust ${trust}`])]
  },
  endpoints: ({ namespace, service }) => [`service ${namespace}/${service}`],
  certificate: (_, key) => [`certificate ${key}`],
  trust_bundle: (_, key) => [`certificate ${key}`],
}

/** What resources do not say of themselves. */
interface Lookups {
  /** The `<namespace>/<name>` of a backend's Service. */
  serviceOf(backend: string): string | undefined
  /** The certificate behind a secret that is asked for by hostname, `<fleet>/<hostname>`. */
  certificateOf(secret: string): string | undefined
}

/** `key` is `<fleet>/<resource name>`. */
function topicsOf(type: EnvoyType, key: string, { serviceOf, certificateOf }: Lookups): string[] {
  const name = nameOf(key)
  const { backend: record, client } = parseClusterName(name)
  const backend = [`use ${inFleet(fleetOf(key), record)}`, `backend ${record}`, `client ${client}`]
  const telemetry = `telemetry ${fleetOf(key)}`
  const onPort = (): string => `port ${parsePlace(key).port}`
  const byType: { readonly [T in EnvoyType]: () => string[] } = {
    cluster: () => (isCollector(name) ? [telemetry] : backend),
    endpoints: () => [...backend, `service ${serviceOf(record)}`],
    secret: () => [
      ...[`secret ${key}`, `trust ${name}`, `certificate ${certificateOf(key)}`],
      ...bundleKeys(name).map((part) => `certificate ${part}`),
    ],
    listener: () => [`port ${key}`, telemetry],
    table: () => [`table ${key}`, onPort()],
    scope: () => [`scope ${key}`, onPort()],
  }
  return byType[type]()
}

export interface Attribution {
  /** A record as it is now or was before. */
  add(key: string, record: IrRecord): void
  sourcesOf(type: EnvoyType, key: string): Source[]
}

export function createAttribution(lookups: Lookups): Attribution {
  const byTopic = new Map<string, Map<string, Source>>()
  const all = new Map<string, Source>()
  const note = (sources: Map<string, Source>, source: Source): void => {
    const known = sources.get(sourceKey(source))
    if (known === undefined || known.generation < source.generation) sources.set(sourceKey(source), source)
  }
  return {
    add(key, { kind, value }) {
      const { source } = value
      if (source === undefined || !isRead(kind)) return
      note(all, source)
      for (const topic of (topics[kind] as (record: unknown, key: string) => string[])(value, key)) {
        const sources = byTopic.get(topic) ?? new Map<string, Source>()
        byTopic.set(topic, sources)
        note(sources, source)
      }
    },
    sourcesOf(type, key) {
      const found = new Map<string, Source>()
      for (const topic of topicsOf(type, key, lookups)) {
        for (const source of byTopic.get(topic)?.values() ?? []) note(found, source)
      }
      const chosen = found.size > 0 ? found : all
      return [...chosen.keys()].sort().map((object) => chosen.get(object) as Source)
    },
  }
}

export const isRead = (kind: IrKind): kind is ReadKind => kind in topics
