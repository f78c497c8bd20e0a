// What a plane is to whoever runs it: records and connected fleets in, changes of resources out. A plane's resources are
// bytes by type and name; whoever carries them knows no more of them.
import type { Source } from './gen/penstock/ir/v1/source.ts'
import type { IrRecord } from './ir-record.ts'

export interface RecordChange {
  readonly key: string
  /** Undefined: it is gone. */
  readonly record: IrRecord | undefined
}

export interface FleetChange {
  readonly fleet: string
  readonly typeUrl: string
  readonly name: string
  /** The encoded message, and a version that is equal wherever and whenever the bytes are. Undefined: it is gone. */
  readonly resource?: { readonly version: string; readonly body: Uint8Array }
  /** The objects behind the change; at `connect` those behind the resource. */
  readonly sources: Source[]
  /** Those who are told when a proxy refuses it. Absent: the sources. */
  readonly owners?: Source[]
}

export interface Plane {
  /** What changes for connected fleets, in the order of make before break. */
  apply(changes: readonly RecordChange[]): FleetChange[]
  /** A first proxy of the fleet came: everything that it gets. */
  connect(fleet: string): FleetChange[]
  /** The last one went. */
  disconnect(fleet: string): void
}
