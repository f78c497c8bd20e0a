// Numbers of the server, each with its default.

export interface XdsSettings {
  /** A stream that does not answer a response for this long is cut. */
  answerTimeoutMs: number
  /** Resources of the first phase (clusters) are removed this long after nothing refers to them any more. */
  removalDelayMs: number
  /** A fleet whose last proxy went is forgotten after this long. */
  fleetIdleMs: number
  /** A silent connection is pinged after this long ... */
  keepaliveMs: number
  /** ... and ended when the ping is not answered for this long. */
  keepaliveTimeoutMs: number
  /** Largest request: a proxy that reconnects names every resource that it holds. */
  maxRequestBytes: number
  /** Proxies are sent elsewhere at this age of their connection, give or take a fifth, to spread them; zero: never. Well
   * above `removalDelayMs`: a stream that ends sooner leaves the removals to the next one. */
  connectionAgeMs: number
  /** Names that one stream asks for or brings, and those that it let go or brought while it must still be told of them. */
  maxNames: number
  /** Characters of these together. */
  maxNamesLength: number
  /** Characters of a name. */
  maxNameLength: number
  /** Types that one stream asks for. */
  maxTypes: number
  /** Requests of a stream that wait for its fleet to be known. */
  maxWaiting: number
  /** Of what a proxy says of itself. */
  maxMetadataBytes: number
  /** Requests that are read of a stream; what comes faster waits. */
  maxRequestsPerSecond: number
  maxStreamsPerConnection: number
  maxStreamsPerFleet: number
  maxStreams: number
  /** Connections without a stream; one more, and the oldest of them is closed. As many as streams, since all proxies of a
   * server that died come at once ... */
  maxStrangers: number
  /** ... as is one that stays so for this long. */
  strangerMs: number
  /** What closing waits for streams to end before it destroys them. */
  closeTimeoutMs: number
}

export const defaultXdsSettings: XdsSettings = {
  answerTimeoutMs: 30_000,
  removalDelayMs: 10_000,
  fleetIdleMs: 60_000,
  keepaliveMs: 15_000,
  keepaliveTimeoutMs: 5_000,
  maxRequestBytes: 16 * 1024 * 1024,
  connectionAgeMs: 0,
  maxNames: 200_000,
  maxNamesLength: 32 * 1024 * 1024,
  maxNameLength: 2_048,
  maxTypes: 32,
  maxWaiting: 256,
  maxMetadataBytes: 64 * 1024,
  maxRequestsPerSecond: 2_000,
  maxStreamsPerConnection: 8,
  maxStreamsPerFleet: 1_000,
  maxStreams: 10_000,
  maxStrangers: 10_000,
  strangerMs: 30_000,
  closeTimeoutMs: 2_000,
}

/** Room for names of a usual length, and for as many newcomers as may stay, unless said otherwise. */
export function completeSettings(settings: Partial<XdsSettings>): XdsSettings {
  const limits = { ...defaultXdsSettings, ...settings }
  const { maxNamesLength = Math.max(limits.maxNamesLength, 160 * limits.maxNames) } = settings
  const { maxStrangers = Math.max(limits.maxStrangers, limits.maxStreams) } = settings
  return { ...limits, maxNamesLength, maxStrangers }
}
