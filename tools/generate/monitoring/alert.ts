// An alert: the symptom that somebody is woken for, and where to read on.

export interface Alert {
  /** True for as long as it should fire. */
  readonly expr: string
  readonly for: string
  /** critical: users of gateways notice, or will soon. warning: somebody should look today. */
  readonly severity: 'critical' | 'warning'
  readonly summary: string
  /** Why it matters, what is at stake, what still works. */
  readonly description: string
  /** A heading of docs/troubleshooting.md, as its anchor. */
  readonly page: string
}

export type AlertGroup = Readonly<Record<string, Alert>>
