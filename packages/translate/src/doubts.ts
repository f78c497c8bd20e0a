// What a function that threw at the start may have made, as far as keys tell: all else made of other objects goes on. An
// origin is the key of an object, or of a listener.
import { parseObjectKey } from '@penstock/gateway-api'
import type { Marks } from '@penstock/incremental'

/** Records of one object, its listeners and its deadlines have its namespace and its name in their keys. */
export const ofOneObject: Marks = { ofOrigin: placeIn, ofKey: placeIn }

/** Grants permit what leads into their own namespace, the last token of a pair. */
export const ofGrants: Marks = {
  ofOrigin: (grant) => parseObjectKey(grant).namespace,
  ofKey: (pair) => pair.slice(pair.lastIndexOf('/') + 1),
}

/** Where fleets are not shared a Gateway competes with itself only; where they are, what nobody knows does not compete. */
export const ofClaims = (fleet: string | undefined): Marks => ({
  ofOrigin: (gateway) => (fleet === undefined ? placeIn(gateway).replace('/', '~') : undefined),
  ofKey: (place) => place.slice(0, place.indexOf('/')),
})

/** A listener counts the routes that are known. */
export const uncounted: Marks = { ofOrigin: () => undefined, ofKey: () => undefined }

/** `<namespace>/<name>` */
function placeIn(key: string): string {
  const [kind = '', first = '', second = '', third = ''] = key.replace(/#.*/, '').split('/')
  return short.has(kind) ? `${first}/${second}` : `${second}/${third}`
}

/** Kinds of record whose key does not go on with the kind of the object. */
const short: ReadonlySet<string> = new Set(['listener', 'gateway', 'endpoints', 'certificate'])
