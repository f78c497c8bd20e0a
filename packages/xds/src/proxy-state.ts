// What is known of a connected proxy.

export interface ProxyState {
  /** The name that the proxy gave itself. */
  proxy: string
  /** When its stream began, ms since 1970. */
  connectedSinceMs: number
  /** The newest commit that it acknowledged, or that left nothing outstanding for it. */
  acknowledgedCommit: number
  acknowledgedAtMs: number
  rejections: readonly Rejection[]
}

export interface Rejection {
  typeUrl: string
  /** Names of the refused resources. */
  resources: readonly string[]
  /** The proxy's words. */
  message: string
  /** What the fleet was at when they were sent. */
  commit: number
}
