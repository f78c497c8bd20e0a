// What each computed key read, and the way back. A slot stands for one thing that can be read (a record, a whole
// collection, an index bucket, a bucket's size); a cell is one computed key. Both forget each other when a read ends.

export type ReadKind = 'get' | 'list' | 'lookup' | 'count'

/** One thing that can be read. It exists while somebody reads it. */
export interface Slot {
  readonly kind: ReadKind
  /** The collection or index that it belongs to. */
  readonly of: string
  readonly key: string
  readonly home: Map<string, Slot>
  readonly readers: Set<Cell>
}

/** One computed key. */
export interface Cell {
  readonly key: string
  readonly owner: Owner
  reads: Set<Slot>
  runs: number
}

/** A collection or index whose keys are computed. */
export interface Owner {
  readonly name: string
  readonly height: number
  /** Keys that wait until the owner's turn in the round. */
  readonly dirty: Set<string>
}

/** Stands in for the reads of the many cells that read nothing but their own record. */
const nothing: Set<Slot> = new Set()

export const createCell = (key: string, owner: Owner): Cell => ({ key, owner, reads: nothing, runs: 0 })

/** What is read: by which way, of which collection or index, under which key. */
interface Place {
  readonly kind: ReadKind
  readonly of: string
  readonly key: string
}

/** Records a read before its answer is known, so it counts whether the function returns or throws. */
export function record(cell: Cell, { kind, of, key }: Place, home: Map<string, Slot>): void {
  let slot = home.get(key)
  if (slot === undefined) {
    slot = { kind, of, key, home, readers: new Set() }
    home.set(key, slot)
  }
  if (cell.reads === nothing) cell.reads = new Set()
  slot.readers.add(cell)
  cell.reads.add(slot)
}

/** Runs `task`, during which `cell` records its reads afresh, and ends those that it no longer makes. */
export function rereading<T>(cell: Cell, task: () => T): T {
  const before = cell.reads
  cell.reads = nothing
  try {
    return task()
  } finally {
    for (const slot of before) if (!cell.reads.has(slot)) end(cell, slot)
  }
}

export function endReads(cell: Cell): void {
  for (const slot of cell.reads) end(cell, slot)
  cell.reads = nothing
}

function end(cell: Cell, slot: Slot): void {
  slot.readers.delete(cell)
  if (slot.readers.size === 0) slot.home.delete(slot.key)
}

/** What the slot stands for has changed: everything that read it runs again in this round. */
export function fire(slot: Slot | undefined): void {
  if (slot === undefined) return
  for (const cell of slot.readers) cell.owner.dirty.add(cell.key)
}
