// What a function that threw at the start may have made, as far as keys tell: all else made of other objects goes on. An
// origin is the key of an object, or of a listener.
import { parseObjectKey } from '@penstock/gateway-api'
import type { Marks } from '@penstock/incremental'

/** Records of one object, its listeners and its deadlines have its namespace and its name in their keys. */
export const ofOneObject: Marks = { ofOrigin: placeIn, ofKey: placeIn }

/** What is filed by the `<namespace>/<name>` of the one object that it is made from. */
export const ofPlace: Marks = { ofOrigin: placeIn, ofKey: (place) => place }

/** Grants permit what leads into their own namespace, the last token of a pair. */
export const ofGrants: Marks = {
  ofOrigin: (grant) => parseObjectKey(grant).namespace,
  ofKey: (pair) => pair.slice(pair.lastIndexOf('/') + 1),
}

/** What an object says of others in its own namespace, the first token of a key. */
export const ofNamespace: Marks = {
  ofOrigin: (key) => parseObjectKey(key).namespace,
  ofKey: (key) => key.slice(0, key.indexOf('/')),
}

/** The Gateway that a ListenerSet names, as `<namespace>/<name>`. */
export type GatewayOf = (listenerSet: string) => string | undefined

/** A Gateway with its ListenerSets. */
export const ofOneGateway = (gatewayOf: GatewayOf): Marks => ({
  ofOrigin: (origin) => gatewayIn(origin, gatewayOf),
  ofKey: placeIn,
})

/**
 * Where fleets are not shared a Gateway competes with its ListenerSets only; where they are, what nobody knows does not
 * compete.
 */
export const ofClaims = (fleet: string | undefined, gatewayOf: GatewayOf): Marks => ({
  ofOrigin: (origin) => (fleet === undefined ? gatewayIn(origin, gatewayOf)?.replace('/', '~') : undefined),
  ofKey: (place) => place.slice(0, place.indexOf('/')),
})

function gatewayIn(origin: string, gatewayOf: GatewayOf): string | undefined {
  const [kind, first, second] = origin.split('/')
  if (kind === 'listener') return `${first}/${second}`
  return first === 'ListenerSet' ? gatewayOf(origin) : placeIn(origin)
}

/** A listener counts the routes that are known, a Gateway the ListenerSets. */
export const uncounted: Marks = { ofOrigin: () => undefined, ofKey: () => undefined }

/** `<namespace>/<name>` */
function placeIn(key: string): string {
  const [kind = '', first = '', second = '', third = '', fourth = '', fifth = ''] = key.replace(/#.*/, '').split('/')
  // The key of a listener starts with its Gateway, and goes on with what declares it.
  if (kind === 'listener') return `${fourth}/${fifth}`
  return short.has(kind) ? `${first}/${second}` : `${second}/${third}`
}

/** Kinds of record whose key does not go on with the kind of the object. */
const short: ReadonlySet<string> = new Set(['gateway', 'endpoints', 'certificate'])
