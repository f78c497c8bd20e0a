// The subjects of one channel for one source: `<install>.<channel>.v<major>.<source>.<tokens of the key>`, and the
// name of the stream that holds them. The one file that writes a subject.
import { Fault } from '@penstock/fault'
import { decodeKey, encodeKey } from './key.ts'

/** Who is asking: `install` lets two installations share a NATS, `source` tells clusters and folders apart. */
export interface Place {
  readonly install: string
  readonly service: string
  readonly source: string
}

export interface SubjectSpace {
  readonly stream: string
  /** All subjects of the space, as a wildcard. */
  readonly all: string
  /** All whose key begins with this token, as a wildcard. */
  under(token: string): string
  /** Where a commit record lies that travels in a message of its own. */
  readonly commit: string
  /** Where a new leader writes its term, so that whatever an older one still sends is refused. */
  readonly fence: string
  of(key: string): string
  /** Undefined for a subject that is not a record's. */
  keyOf(subject: string): string | undefined
}

const label = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/

/** For schemas. */
export const placeNamePattern = label.source

/** The name itself, if it can stand in a subject and in a stream's name. */
export function checkedPlaceName(what: keyof Place, name: string): string {
  if (label.test(name)) return name
  throw new Fault('setting_invalid', `${what} "${name}" is not of lower-case letters, digits and "-"`)
}

/** The place itself, if all its names can. */
export function checkedPlace(place: Place): Place {
  for (const what of ['install', 'service', 'source'] as const) checkedPlaceName(what, place[what])
  return place
}

export function createSubjectSpace(
  { install, source }: Pick<Place, 'install' | 'source'>,
  channel: { readonly name: string; readonly major: number },
): SubjectSpace {
  const prefix = `${install}.${channel.name}.v${channel.major}.${source}.`
  return {
    stream: `${install}_${channel.name}_v${channel.major}_${source}`,
    all: `${prefix}>`,
    under: (token) => `${prefix}${encodeKey(token)}.>`,
    // A key's token never holds a "$".
    commit: `${prefix}$commit`,
    fence: `${prefix}$fence`,
    of: (key) => prefix + encodeKey(key),
    keyOf: (subject) => (subject.startsWith(prefix) ? decodeKey(subject.slice(prefix.length)) : undefined),
  }
}

/** The bucket of all leases of an installation, and the key of one: the last two tokens of its subject. */
export const leaseBucket = (install: string): string => `${install}_leases`
export const leaseKey = ({ service, source }: Pick<Place, 'service' | 'source'>): string => `${service}.${source}`

/** Where the answers to a service come, and its deliveries. */
export const inboxPrefix = ({ install, service }: Pick<Place, 'install' | 'service'>): string =>
  `_INBOX_${install}_${service}`
