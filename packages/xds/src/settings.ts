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
  /** Proxies are sent elsewhere at this age of their connection, give or take a fifth, to spread them; zero: never. */
  connectionAgeMs: number
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
  closeTimeoutMs: 2_000,
}
