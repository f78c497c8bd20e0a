// Every number of this package that the design leaves open, with its default, in one table.

interface Limit {
  readonly default: number
  readonly means: string
}

export const kubeLimits = {
  answerTimeoutMs: { default: 15_000, means: 'how long the beginning of an answer is waited for' },
  bodyTimeoutMs: { default: 60_000, means: 'how long the rest of an answer may take, watches aside' },
  maxSockets: { default: 8, means: 'connections for everything but watches, which have one each' },
  maxWatches: { default: 256, means: 'connections for watches' },
  pageSize: { default: 500, means: 'objects of one page of a list' },
  watchMs: { default: 300_000, means: 'how long a watch lasts at least; the server ends it by twice that' },
  silenceMs: {
    default: 180_000,
    means: 'a watch without a byte for so long is taken for dead; bookmarks come each minute',
  },
  retryMinMs: { default: 200, means: 'first delay after an outage; it doubles, with half of it random' },
  retryMaxMs: { default: 30_000, means: 'ceiling of that delay, and of what a server may ask for' },
  heldRetryMs: { default: 30_000, means: 'between two tries of a kind that is forbidden or not served' },
  discoveryMs: { default: 60_000, means: 'between two looks at which kinds are served' },
  settleMs: { default: 1_000, means: 'after a definition changed, until what is served is looked at once more' },
  maxLineBytes: { default: 32 * 1024 * 1024, means: 'a longer event of a watch is not read' },
  eventQuietMs: { default: 600_000, means: 'for so long the same Event is not written again' },
  maxEvents: { default: 1_000, means: 'Events that wait or are remembered; more are dropped' },
} as const satisfies Record<string, Limit>

export type KubeLimits = { readonly [Name in keyof typeof kubeLimits]: number }

const defaults = Object.fromEntries(Object.entries(kubeLimits).map(([name, limit]) => [name, limit.default]))

export const limitsWith = (overrides: Partial<KubeLimits> = {}): KubeLimits =>
  Object.freeze({ ...defaults, ...overrides }) as KubeLimits
