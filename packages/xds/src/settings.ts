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
  /** Connections are closed at about this age, to spread proxies over replicas; zero: never. */
  maxConnectionAgeMs: number
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
  maxConnectionAgeMs: 0,
  closeTimeoutMs: 2_000,
}
