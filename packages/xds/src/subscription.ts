// Which names of one type a stream asked for (xDS protocol, "How the client specifies what resources to return"):
// names, the wildcard "*", or the legacy wildcard, which is a first request that names nothing.

export interface Subscription {
  covers(name: string): boolean
  /** Asked for by its own name, not only by the wildcard. */
  lists(name: string): boolean
  readonly wildcard: boolean
  /** The first request of the stream for this type. */
  open(subscribe: readonly string[]): void
  add(name: string): void
  remove(name: string): void
  /** Own names. */
  names(): Iterable<string>
  /** How many. */
  readonly size: number
  /** Their characters together. */
  readonly chars: number
}

export const wildcardName = '*'

export function createSubscription(): Subscription {
  const listed = new Set<string>()
  let wildcard = false
  let chars = 0

  const add = (name: string): void => {
    if (name === wildcardName) wildcard = true
    else if (!listed.has(name)) {
      listed.add(name)
      chars += name.length
    }
  }

  return {
    covers: (name) => wildcard || listed.has(name),
    lists: (name) => listed.has(name),
    get wildcard() {
      return wildcard
    },
    open(subscribe) {
      wildcard = subscribe.length === 0
      subscribe.forEach(add)
    },
    add,
    remove(name) {
      if (name === wildcardName) wildcard = false
      else if (listed.delete(name)) chars -= name.length
    },
    names: () => listed.values(),
    get size() {
      return listed.size
    },
    get chars() {
      return chars
    },
  }
}
