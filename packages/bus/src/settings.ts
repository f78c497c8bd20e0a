// Every number of the bus that the design leaves open, with its default, in one table.

interface Setting {
  readonly default: number
  readonly means: string
}

export const busSettings = {
  connectTimeoutMs: { default: 3_000, means: 'one attempt to connect, or to reconnect, to one server' },
  pingMs: { default: 10_000, means: 'between pings; a server that misses two is given up' },
  reconnectWaitMs: { default: 250, means: 'between attempts to reconnect' },
  requestTimeoutMs: { default: 3_000, means: 'how long an answer of JetStream is waited for' },
  readTimeoutMs: { default: 30_000, means: 'how long a writer waits for the whole content of its stream' },
  heartbeatMs: { default: 2_000, means: 'idle heartbeat of a follower; two missed ones are silence' },
  cureMs: {
    default: 2_000,
    means: 'how long a digest may differ with nothing pending before everything is read again',
  },
  maxCureMs: { default: 60_000, means: 'ceiling of that wait, which doubles as long as reading again does not help' },
  resyncMs: { default: 600_000, means: 'between two comparisons of a stream with what should be there' },
  leaseTtlMs: { default: 6_000, means: 'after it a lease that was not renewed is free' },
  leaseDeadlineMs: {
    default: 4_000,
    means: 'after it a leader that could not renew stops; shorter than the time to live',
  },
  leaseRenewMs: { default: 1_000, means: 'between renewals' },
  leaseRetryMs: { default: 500, means: 'between the attempts of a standby to lead' },
  keepMs: { default: 5_000, means: 'between two looks of a keeper at its stream' },
  tombstoneMs: { default: 3_600_000, means: 'how long the mark of a deleted record stays' },
  maxRecordBytes: { default: 2 * 1024 * 1024, means: 'a larger record is refused' },
  maxSubjectBytes: { default: 2_048, means: 'a record with a longer subject is refused' },
  maxCommitMessages: { default: 1_000, means: 'messages of one commit, its commit record included' },
  maxCommitBytes: { default: 8 * 1024 * 1024, means: 'bytes of one commit' },
  maxInlineCommitBytes: {
    default: 2_048,
    means: 'a larger commit record never travels in the header of a lone record',
  },
  maxHeldListed: { default: 10_000, means: 'held keys that a commit record names; more are held but not named' },
  readersWaitMs: {
    default: 300_000,
    means:
      'how long a writer waits for readers that are too old for it, without any that is behind its build going; 0: never',
  },
  readersSettleMs: { default: 6_000, means: 'how long they must be gone; longer than a live one says nothing' },
  replicas: { default: 1, means: 'servers that keep a copy of each stream' },
} as const satisfies Record<string, Setting>

export type BusSettings = { readonly [Name in keyof typeof busSettings]: number }

const defaults = Object.fromEntries(Object.entries(busSettings).map(([name, setting]) => [name, setting.default]))

export const settingsWith = (overrides: Partial<BusSettings> = {}): BusSettings =>
  Object.freeze({ ...defaults, ...overrides }) as BusSettings
