// What a function that threw at the start may have made, as far as keys tell: all else made of other objects goes on. An
// origin is the key of an object, or of a listener.
import { parseObjectKey } from '@penstock/gateway-api'

/** Records of one object, its listeners and its deadlines have its namespace and its name in their keys. */
export function isOfObject(origin: string, key: string): boolean {
  return placeIn(origin) === placeIn(key)
}

/** Grants permit what leads into their own namespace, the last token of the pair. */
export function isOfGrant(origin: string, pair: string): boolean {
  return pair.endsWith(`/${parseObjectKey(origin).namespace}`)
}

/** Whoever shares nothing with others competes with its own Gateway only; where fleets are shared, the unknown do not compete. */
export function claimsOf(fleet: string | undefined): (origin: string, place: string) => boolean {
  return (origin, place) => fleet === undefined && place.startsWith(`${placeIn(origin).replace('/', '~')}/`)
}

/** A listener counts the routes that are known. */
export const uncounted = (): boolean => false

/** `<namespace>/<name>` */
function placeIn(key: string): string {
  const [kind = '', first = '', second = '', third = ''] = key.replace(/#.*/, '').split('/')
  return short.has(kind) ? `${first}/${second}` : `${second}/${third}`
}

/** Kinds of record whose key does not go on with the kind of the object. */
const short: ReadonlySet<string> = new Set(['listener', 'gateway', 'endpoints', 'certificate'])
