// The same records as one would write them for Envoy without our plane: one route table for each port, all virtual hosts
// in it, and for HTTPS a filter chain for each hostname. Made from what the plane makes of them, so that nothing but that
// differs.
import { type Collection, equal, type Input, type Round } from '@penstock/incremental'
import { certificateKey, kindOf, type Listener, type RecordChange, type Sealed } from '@penstock/ir'
import { envoyTypes } from '@penstock/plane-envoy'
import { createPlaneGraph, type PlaneGraph } from '@penstock/plane-envoy/graph'
import { appendBlocks, toResource } from '@penstock/plane-envoy/resource'
import { envoyBytes } from '@penstock/testkit'
import type { ResourceChange } from '@penstock/xds'
import { chainBytes, listenerHead, plainChain, plainListener, secureChain } from './plain-listener.ts'

export interface PlainPlaneOptions {
  readonly fleet: string
  /** Added to every port, since the plane's own Envoy has taken those. */
  readonly portOffset: number
  openKey(sealed: Sealed): string
}

/** What changes for each of two proxies. */
export interface BothChanges {
  /** As the plane has it. */
  readonly scoped: readonly ResourceChange[]
  readonly plain: readonly ResourceChange[]
}

export interface PlainPlane {
  apply(changes: readonly RecordChange[]): BothChanges
}

type EnvoyType = keyof typeof envoyTypes

interface VirtualHost {
  readonly table: string
  readonly bytes: Uint8Array
}

interface Wiring extends PlainPlaneOptions {
  readonly plane: PlaneGraph
  readonly virtualHosts: Collection<VirtualHost>
  /** Encoded filter chains, by listener and hostname, with what they were made from. */
  readonly chains: Map<string, { readonly from: Listener; readonly bytes: Uint8Array }>
}

export function createPlainPlane(options: PlainPlaneOptions): PlainPlane {
  const plane = createPlaneGraph({ openKey: (sealed) => options.openKey(sealed), address: '0.0.0.0' })
  const { graph, records } = plane
  const virtualHosts = graph.collections.find(({ name }) => name === 'virtualHosts')
  if (virtualHosts === undefined) throw new Error('the plane has no virtual hosts any more')
  const wiring: Wiring = {
    ...options,
    plane,
    virtualHosts: virtualHosts as Collection<VirtualHost>,
    chains: new Map(),
  }
  const inputs: Readonly<Record<string, Input<unknown>>> = records
  return {
    apply(changes) {
      const round = graph.transaction((set) => {
        set.set(plane.connected, options.fleet, true)
        for (const { key, record } of changes) {
          const input = inputs[kindOf(key)]
          if (input === undefined) continue
          if (record === undefined) set.delete(input, key)
          else set.set<unknown>(input, key, record.value)
        }
      })
      return { scoped: scopedChanges(wiring, round), plain: plainChanges(wiring, round) }
    },
  }
}

const scopedChanges = (wiring: Wiring, round: Round): ResourceChange[] =>
  (Object.keys(envoyTypes) as EnvoyType[]).flatMap((type) => changesOf(wiring, round, type))

function changesOf({ plane }: Wiring, round: Round, type: EnvoyType): ResourceChange[] {
  return round.deltas(plane.outputs[type]).map(({ key, new: resource }) => ({
    typeUrl: envoyTypes[type],
    name: nameIn(key),
    ...(resource === undefined ? {} : { resource }),
  }))
}

/** Without the fleet. */
const nameIn = (key: string): string => key.slice(key.indexOf('/') + 1)

function plainChanges(wiring: Wiring, round: Round): ResourceChange[] {
  return [
    ...changesOf(wiring, round, 'cluster'),
    ...changesOf(wiring, round, 'endpoints'),
    ...plainSecrets(wiring, round),
    ...plainListeners(wiring, round),
    ...plainTables(wiring, round),
  ]
}

function plainTables({ plane, virtualHosts }: Wiring, round: Round): ResourceChange[] {
  const portOf = ({ table }: VirtualHost): string => nameIn(table.slice(0, table.lastIndexOf('/')))
  const touched = round.deltas(virtualHosts).flatMap(({ old, new: now }) => [old, now])
  const ports = new Set(touched.flatMap((one) => (one === undefined ? [] : [portOf(one)])))
  // Listeners without any route answer 404.
  for (const { key } of round.deltas(plane.outputs.listener)) ports.add(nameIn(key))
  const all = [...plane.graph.values(virtualHosts).values()]
  return [...ports].map((port) => {
    const here = all.filter((one) => portOf(one) === port)
    const head = envoyBytes(envoyTypes.table, { name: port, ignorePortInHostMatching: true })
    const body = appendBlocks(
      head,
      2,
      here.map(({ bytes }) => bytes),
    )
    return { typeUrl: envoyTypes.table, name: port, resource: toResource(body) }
  })
}

/** A certificate by the key of its record, as chains name it. */
function plainSecrets({ plane, openKey }: Wiring, round: Round): ResourceChange[] {
  return round.deltas(plane.records.certificate).flatMap(({ key, new: certificate }) => {
    const change = { typeUrl: envoyTypes.secret, name: key }
    if (certificate?.keyPem === undefined) return [change]
    const { chainPem, keyPem } = certificate
    const tlsCertificate = {
      certificateChain: { inlineString: chainPem },
      privateKey: { inlineString: openKey(keyPem) },
    }
    return [{ ...change, resource: toResource(envoyBytes(envoyTypes.secret, { name: key, tlsCertificate })) }]
  })
}

/** One for each port that the plane has, with the chains of all its HTTPS hostnames. */
function plainListeners(wiring: Wiring, round: Round): ResourceChange[] {
  const { plane } = wiring
  const emitted = plane.graph.values(plane.outputs.listener)
  const ports = new Set<string>()
  for (const { key } of round.deltas(plane.outputs.listener)) ports.add(key)
  for (const { old, new: now } of round.deltas(plane.records.listener)) {
    for (const listener of [old, now]) if (listener) ports.add(`${listener.fleet}/${listener.port}`)
  }
  return [...ports].map((key) => {
    const change = { typeUrl: envoyTypes.listener, name: nameIn(key) }
    const listener = emitted.get(key)
    if (listener === undefined) return change
    const parts = plainListener(listener.body, wiring.portOffset)
    const hostnames = secureListeners(wiring, nameIn(key))
    const chains =
      hostnames.length === 0
        ? parts.chains.map((chain) => chainBytes(plainChain(chain, nameIn(key))))
        : hostnames.map((one) => chainOf(wiring, one, parts.chains))
    return { ...change, resource: toResource(appendBlocks(listenerHead(parts.head), 3, chains)) }
  })
}

function secureListeners({ plane }: Wiring, port: string): Listener[] {
  const here = [...plane.graph.values(plane.records.listener).values()].filter(
    (listener) => `${listener.port}` === port && listener.protocol?.$case === 'https',
  )
  return [...new Map(here.map((listener) => [listener.hostname, listener])).values()]
}

type Chains = ReturnType<typeof plainListener>['chains']

/** Encoded once: an edit of one hostname must not cost the encoding of thousands. */
function chainOf({ chains }: Wiring, listener: Listener, emitted: Chains): Uint8Array {
  const key = `${listener.port}/${listener.hostname}`
  const known = chains.get(key)
  if (known !== undefined && equal(known.from, listener)) return known.bytes
  const template = emitted.find(({ filters }) => filters !== undefined)
  if (template === undefined || listener.protocol?.$case !== 'https') throw new Error(`${key}: nothing to go by`)
  const secrets = listener.protocol.value.certificates.map(certificateKey)
  const served = listener.hostname === '' ? '*' : listener.hostname
  const chain = secureChain(plainChain(template, `${listener.port}`, served), listener.hostname, secrets)
  const bytes = chainBytes(chain)
  chains.set(key, { from: listener, bytes })
  return bytes
}
