// What the bus counts and says: one function per event, which never throws.
import type { Fault } from '@penstock/fault'
import type { Logger, Meter } from '@penstock/telemetry'

export interface BusEvents {
  connected(server: string, version: string): void
  disconnected(reason: string): void
  fault(fault: Fault, fields?: Readonly<Record<string, unknown>>): void
  /** The same as before: counted, hardly said. */
  faultAgain(fault: Fault, fields?: Readonly<Record<string, unknown>>): void
  /** A stream was given another number of copies. */
  copies(stream: string, change: { readonly from: number; readonly to: number }): void
  leading(term: number): void
  following(term: number, reason: string): void
  /** This process has the lease, and has not read all that it acts on. */
  waitsToLead(what: string): void
  /** Readers of older builds live, so this process does not lead. */
  readersBehind(readers: readonly string[]): void
  /** Nobody is waited for; `overdue`: because they were left behind. */
  readersAbreast(overdue: boolean): void
  readersLeftBehind(readers: readonly string[], waitedMs: number): void
  readersUnknown(reason: string): void
  snapshotRead(channel: string, records: number, ms: number): void
  committed(channel: string, commit: { id: number; records: number; bytes: number; ms: number }): void
  refused(channel: string): void
  recordRefused(channel: string, key: string, fault: Fault): void
  tailBroken(stream: string, reason: string): void
  applied(channel: string, change: { id: number; records: number; reset: boolean; delayMs: number | undefined }): void
  heldBack(channel: string, reason: string, fields: Readonly<Record<string, unknown>>): void
  /** Whether its newest commit cannot be read, so that an older state stays in force. */
  holdingBack(channel: string, does: boolean): void
  foreignSubject(channel: string, subject: string): void
}

const secondsBuckets = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

const instrumentsOf = (meter: Meter) => ({
  connected: meter.gauge('penstock_bus_connected', '1 while connected to NATS'),
  leading: meter.gauge('penstock_bus_leading', '1 while this process holds the lease of its service'),
  readersBehind: meter.gauge(
    'penstock_bus_readers_behind',
    'Channels of live readers that this process does not lead for, because they could not read what it would write',
  ),
  readersLeftBehind: meter.counter(
    'penstock_bus_readers_left_behind_total',
    'Times that this process went on though live readers cannot read what it writes',
  ),
  faults: meter.counter('penstock_bus_faults_total', 'Outages by code', ['code']),
  commits: meter.counter('penstock_bus_commits_total', 'Commits published', ['channel']),
  records: meter.counter('penstock_bus_published_records_total', 'Records written or removed', ['channel']),
  bytes: meter.counter('penstock_bus_published_bytes_total', 'Bytes of records written', ['channel']),
  commitSeconds: meter.histogram('penstock_bus_commit_seconds', 'From sending a commit to its acknowledgement', {
    labelNames: ['channel'],
    buckets: secondsBuckets,
  }),
  refused: meter.counter('penstock_bus_refused_commits_total', 'Commits refused by the fence', ['channel']),
  snapshots: meter.counter('penstock_bus_resyncs_total', 'Comparisons of a stream with what should be there', [
    'channel',
  ]),
  refusedRecords: meter.counter(
    'penstock_bus_refused_records_total',
    'Records over the size limit, or that cannot be encoded',
    ['channel'],
  ),
  tails: meter.counter('penstock_bus_broken_tails_total', 'Deliveries that had to be set up again', ['reason']),
  resets: meter.counter('penstock_bus_resets_total', 'Full reads applied by followers', ['channel']),
  applied: meter.counter('penstock_bus_applied_commits_total', 'Commits applied by followers', ['channel']),
  delaySeconds: meter.histogram(
    'penstock_bus_change_delay_seconds',
    'From the oldest change of a commit to its follower',
    {
      labelNames: ['channel'],
      buckets: secondsBuckets,
    },
  ),
  heldBack: meter.counter('penstock_bus_held_commits_total', 'Commits that a follower cannot read', [
    'channel',
    'reason',
  ]),
  holdingBack: meter.gauge(
    'penstock_bus_holding_back',
    '1 while a follower cannot read the newest commit, and the last state that it could read stays in force',
    ['channel'],
  ),
})

export function createBusEvents(log: Logger, meter: Meter): BusEvents {
  const of = instrumentsOf(meter)
  return { ...connectionEvents(log, of), ...orderEvents(log, of), ...writerEvents(log, of), ...followerEvents(log, of) }
}

type Instruments = ReturnType<typeof instrumentsOf>

const connectionEvents = (log: Logger, of: Instruments) => ({
  connected(server: string, version: string): void {
    of.connected.set(1)
    log.info('bus connected', { server, version })
  },
  disconnected(reason: string): void {
    of.connected.set(0)
    log.warn('bus disconnected', { reason })
  },
  fault(fault: Fault, fields: Readonly<Record<string, unknown>> = {}): void {
    of.faults.add(1, { code: fault.code })
    // Every first start has readers that are there before the writer.
    const say = fault.code === 'stream_missing' ? log.info : fault.retry ? log.warn : log.error
    say.call(log, 'bus fault', { code: fault.code, reason: fault.message, ...fields })
  },
  faultAgain(fault: Fault, fields: Readonly<Record<string, unknown>> = {}): void {
    of.faults.add(1, { code: fault.code })
    log.debug('bus fault', { code: fault.code, reason: fault.message, ...fields })
  },
  copies(stream: string, change: { readonly from: number; readonly to: number }): void {
    log.info('stream copies', { stream, ...change })
  },
  leading(term: number): void {
    of.leading.set(1)
    log.info('leading', { term })
  },
  following(term: number, reason: string): void {
    of.leading.set(0)
    log.info('following', { term, reason })
  },
  waitsToLead(what: string): void {
    log.info('waits to lead', { for: what })
  },
})

const orderEvents = (log: Logger, of: Instruments) => ({
  readersBehind(readers: readonly string[]): void {
    of.readersBehind.set(readers.length)
    log.info('readers behind', { readers })
  },
  readersAbreast(overdue: boolean): void {
    of.readersBehind.set(0)
    if (!overdue) log.info('readers abreast')
  },
  readersLeftBehind(readers: readonly string[], waitedMs: number): void {
    of.readersLeftBehind.add(1)
    log.error('readers left behind', { readers, waitedMs })
  },
  readersUnknown(reason: string): void {
    log.warn('readers unknown', { reason })
  },
})

const writerEvents = (log: Logger, of: Instruments) => ({
  snapshotRead(channel: string, records: number, ms: number): void {
    of.snapshots.add(1, { channel })
    log.debug('stream read', { channel, records, ms })
  },
  committed(channel: string, commit: { id: number; records: number; bytes: number; ms: number }): void {
    of.commits.add(1, { channel })
    of.records.add(commit.records, { channel })
    of.bytes.add(commit.bytes, { channel })
    of.commitSeconds.observe(commit.ms / 1_000, { channel })
    log.debug('committed', { channel, ...commit })
  },
  refused(channel: string): void {
    of.refused.add(1, { channel })
    log.warn('commit refused', { channel })
  },
  recordRefused(channel: string, key: string, fault: Fault): void {
    of.refusedRecords.add(1, { channel })
    log.error('record refused', { channel, key, reason: fault.message })
  },
})

const followerEvents = (log: Logger, of: Instruments) => ({
  tailBroken(stream: string, reason: string): void {
    of.tails.add(1, { reason })
    log.info('delivery interrupted', { stream, reason })
  },
  applied(channel: string, change: { id: number; records: number; reset: boolean; delayMs: number | undefined }): void {
    of.applied.add(1, { channel })
    if (change.reset) of.resets.add(1, { channel })
    if (change.delayMs !== undefined) of.delaySeconds.observe(change.delayMs / 1_000, { channel })
    log.debug('applied', { channel, ...change })
  },
  heldBack(channel: string, reason: string, fields: Readonly<Record<string, unknown>>): void {
    of.heldBack.add(1, { channel, reason })
    log.error('commit held back', { channel, reason, ...fields })
  },
  holdingBack(channel: string, does: boolean): void {
    of.holdingBack.set(does ? 1 : 0, { channel })
  },
  foreignSubject(channel: string, subject: string): void {
    log.warn('foreign subject', { channel, subject })
  },
})
