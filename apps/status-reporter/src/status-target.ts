// Where statuses are written: a folder, or a cluster.
import type { Source } from '@penstock/ir'
import type { ObjectStatus } from './status-document.ts'

export interface StatusTarget {
  /**
   * Makes the object's status what `render` gives, if it is not that already; returns whether something was written.
   * `render` is asked with what stands there now, as far as it is ours, whenever a write is about to be made; undefined:
   * nothing is wanted any more. Outages are waited out. Throws a fault where waiting does not help.
   */
  write(source: Source, render: Render): Promise<boolean>
  /** Nothing is said of the object any more, which may be gone. */
  remove(key: string): Promise<void>
  /** Everything that is wanted is known: what is left of an earlier life may go. */
  sweep(wanted: ReadonlySet<string>): Promise<void>
  /** What was written may have been changed by others. */
  forget(): void
  /** A person should look at the object. */
  warn?(source: Source, reason: string, message: string): void
}

export type Render = (before: ObjectStatus | undefined) => WantedStatus | undefined

export interface WantedStatus {
  readonly status: ObjectStatus
  readonly finalizers: readonly string[]
}
