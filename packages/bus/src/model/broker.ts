// What the model needs of each broker: a line for every process, and the misfortunes of a store.
import type { BusOptions } from '../bus.ts'
import type { Transport } from '../transport.ts'

/** The connection of one process; where it is cut, nothing passes until it is joined. */
export interface Line {
  readonly transport: Transport
  cut(): void
  join(): void
}

export interface ModelBroker extends AsyncDisposable {
  readonly up: boolean
  /** Waits for a broker that is stopped. */
  connect(options: BusOptions): Promise<Line>
  stop(): Promise<void>
  /** On what it had stored; nothing, if it runs. */
  start(): Promise<void>
  /** What follows happens to a broker that is stopped. */
  wipe(): Promise<void>
  backup(): Promise<void>
  /** As it was at the last backup; nothing, if there was none. */
  restore(): Promise<void>
  /** While it runs and clients are connected. */
  deleteStream(name: string): Promise<void>
}
