// What a plane says of its resource types: which belong to one phase of make-before-break, and how they depend on
// each other. The order is data; nothing in this package knows what a cluster or a listener is.

export interface ResourceType {
  typeUrl: string
  /** Changed resources go at once, past the phases: endpoints of a cluster that the proxy has. */
  immediate?: boolean
  /**
   * Names are asked for while something waits at the proxy, maybe names that strangers chose: each is answered at once
   * (the type stands in the first phase), and no round waits for the answer that there is none. What changes or goes is
   * told at once too.
   */
  onDemand?: boolean
  /**
   * Type URL of the resources that need the one of the same name from here before the proxy uses them. Sent again
   * after those, even if unchanged: Envoy warms a changed cluster only with an answer for its endpoints.
   */
  warms?: string
  /**
   * Type URL of what resources of this type name. A proxy that brings some of these from an earlier stream is about to
   * ask for those too; until it has, nobody knows what of them it lacks, and no change of this type is sent.
   */
  names?: string
  /**
   * The resource of this type that a name is a part of. While that one stays, nothing under way needs just this part: its
   * removal does not wait longer than the round.
   */
  partOf?: (name: string) => string | undefined
  /** Type URL of what else a proxy that brings some of these is about to ask for. */
  entails?: string
  /** Every proxy asks for this type: until it has, it has acknowledged nothing. */
  expected?: boolean
}

/** Types that are sent together, in this order; the next phase begins when all are acknowledged. */
export type TypePhase = readonly ResourceType[]

/** Where a type stands: `rank` orders all types; types that the plane did not name come last, in a phase of their own. */
export interface TypePlace {
  type: ResourceType
  phase: number
  rank: number
}

export interface TypeOrder {
  place(typeUrl: string): TypePlace
  /** Label for metrics: low in number, whatever clients ask for. */
  label(typeUrl: string): string
  /** Types that warm this one. */
  warmers(typeUrl: string): readonly string[]
  readonly phases: number
  readonly expected: readonly string[]
}

export function createTypeOrder(phases: readonly TypePhase[]): TypeOrder {
  const places = new Map<string, TypePlace>()
  phases.forEach((types, phase) => {
    for (const type of types) places.set(type.typeUrl, { type, phase, rank: places.size })
  })
  const warmers = new Map<string, string[]>()
  for (const { type } of places.values()) {
    if (type.warms !== undefined) warmers.set(type.warms, [...(warmers.get(type.warms) ?? []), type.typeUrl])
  }
  const last = { phase: phases.length, rank: places.size }
  return {
    place: (typeUrl) => places.get(typeUrl) ?? { type: { typeUrl }, ...last },
    label: (typeUrl) => (places.has(typeUrl) ? typeUrl.slice(typeUrl.lastIndexOf('.') + 1) : 'other'),
    warmers: (typeUrl) => warmers.get(typeUrl) ?? [],
    phases: phases.length + 1,
    expected: [...places.values()].filter(({ type }) => type.expected).map(({ type }) => type.typeUrl),
  }
}
