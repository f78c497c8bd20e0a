// `/debug/collections`: any graph of keyed collections that can say why a key has its value.
import type { Admin } from './admin.ts'

export interface InspectedGraph<C extends { readonly name: string }> {
  readonly collections: readonly C[]
  values(collection: NoInfer<C>): ReadonlyMap<string, unknown>
  /** Keys whose function threw, with what it threw. */
  held(of: NoInfer<C>): ReadonlyMap<string, Error>
  /** The value, what it was made from and read, who read it, how often it was computed, what holds it. */
  explain(collection: NoInfer<C>, key: string): unknown
}

/**
 * `/debug/collections` lists the collections, `/<name>` the keys of one and what is held in it, `/<name>/<key>` explains
 * a key, also one that has no value: what asked for it in vain is told too.
 */
export function addCollectionPages<C extends { readonly name: string }>(admin: Admin, graph: InspectedGraph<C>): void {
  admin.debug('collections', ({ rest }) => {
    if (rest === '') {
      return graph.collections.map((collection) => ({
        name: collection.name,
        keys: graph.values(collection).size,
        held: graph.held(collection).size,
      }))
    }
    const [name, ...key] = rest.split('/')
    const collection = graph.collections.find((candidate) => candidate.name === name)
    if (collection === undefined) return undefined
    if (key.length > 0) return graph.explain(collection, key.join('/'))
    return { name, keys: [...graph.values(collection).keys()].sort(), held: graph.held(collection) }
  })
}
