// `/debug/collections` lists the plane's graph; `/debug/collections/<name>/<key>` says why a key has its value.
import type { EnvoyPlane } from '@penstock/plane-envoy'
import type { Admin } from '@penstock/service'

export function addDebugPages(admin: Admin, { graph }: EnvoyPlane): void {
  admin.debug('collections', ({ rest }) => {
    if (rest === '') {
      return graph.collections.map((collection) => ({ name: collection.name, keys: graph.values(collection).size }))
    }
    const [name, ...key] = rest.split('/')
    const collection = graph.collections.find((candidate) => candidate.name === name)
    if (!collection) return undefined
    return key.length === 0 ? [...graph.values(collection).keys()] : graph.explain(collection, key.join('/'))
  })
}
