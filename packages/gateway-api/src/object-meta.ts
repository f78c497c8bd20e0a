// The part of metadata that Penstock keeps; the watcher trims the rest (managedFields, resourceVersion, …).

export interface ObjectMeta {
  readonly name: string
  /** Absent for what is cluster scoped. */
  readonly namespace?: string
  readonly uid: string
  /** Counts changes of spec. */
  readonly generation: number
  /** RFC 3339 in UTC with whole seconds, as the API server writes it, so text order is order in time. */
  readonly creationTimestamp: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
}
