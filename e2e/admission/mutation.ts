// An example, changed in one to three places in the ways that people and programs get things wrong.
import { groupOf, kindInfo } from '@penstock/gateway-api'
import { definitionOf, type Schema } from '@penstock/gateway-api/admission'
import type { Choices } from './choices.ts'
import type { Example } from './examples.ts'
import { identityChanges } from './identity-change.ts'
import { atLimits, fitting, junk } from './invention.ts'
import { changedAt, type Place, placesBelow, replaced } from './place.ts'
import { isPlain } from './verdict.ts'

export interface Mutation {
  readonly from: string
  /** What was done, in order. */
  readonly changes: readonly string[]
  readonly document: unknown
}

export function mutation({ from, document }: Example, choices: Choices): Mutation {
  let mutated = document
  const changes: string[] = []
  for (let left = choices.pick([1, 1, 1, 2, 2, 3]); left > 0; left -= 1) {
    if (choices.oneIn(7)) {
      const [name, change] = choices.pick(identityChanges)
      mutated = change(mutated, choices)
      changes.push(name)
      continue
    }
    const place = choices.pick(placesOf(mutated))
    const [name, change] = choices.pick(changesOf(place))
    mutated = change({ document: mutated, place, choices })
    changes.push(`${name} ${place.path.join('.')}`)
  }
  return { from, changes, document: mutated }
}

/** A document of any kind that is made from its schema alone. */
export function invented(info: { group: string; kind: string }, choices: Choices): Example {
  const { group, kind } = info
  const version = kindInfo(group, kind)?.versions[0] ?? ''
  const apiVersion = group === '' ? version : `${group}/${version}`
  const document = { apiVersion, kind, metadata: { name: 'invented' } }
  const content = fitting(schemaOf(document) ?? {}, choices) as object
  return { from: `an invented ${kind}`, document: { ...document, ...content } }
}

function schemaOf(document: unknown): Schema | undefined {
  const { apiVersion, kind } = isPlain(document) ? document : {}
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') return undefined
  const info = kindInfo(groupOf(apiVersion), kind)
  return info && definitionOf(info, apiVersion.split('/').at(-1) ?? '')?.schema
}

/** All but those that say which object it is. */
function placesOf(document: unknown): Place[] {
  const places = placesBelow({ path: [], value: document, schema: schemaOf(document) })
  return places.filter(({ path: [first] }) => !['apiVersion', 'kind', 'metadata'].includes(String(first)))
}

interface ChangeOf {
  readonly document: unknown
  readonly place: Place
  readonly choices: Choices
}
type NamedChange = readonly [name: string, change: (of: ChangeOf) => unknown]

function changesOf({ path, value, schema = {} }: Place): readonly NamedChange[] {
  const inList = typeof path.at(-1) === 'number'
  const inObject = typeof path.at(-1) === 'string'
  const absent = Object.keys(schema.properties ?? {}).filter((name) => !isPlain(value) || !Object.hasOwn(value, name))
  return [
    ...(path.length > 0 ? [remove, otherType, limit, limit, limit, refit, refit, refit] : []),
    ...(inList ? [double] : []),
    ...(inObject ? [rename] : []),
    ...(isPlain(value) ? [unknown] : []),
    ...(isPlain(value) && absent.length > 0 ? [add(absent), add(absent), add(absent), add(absent)] : []),
  ]
}

const remove: NamedChange = [
  'without',
  ({ document, place }) =>
    changedAt(document, place.path, (holder, last) => {
      if (Array.isArray(holder)) holder.splice(Number(last), 1)
      else delete holder[last]
    }),
]

const double: NamedChange = [
  'twice',
  ({ document, place }) =>
    changedAt(document, place.path, (holder, last) => {
      if (Array.isArray(holder)) holder.splice(Number(last), 0, structuredClone(place.value))
    }),
]

const rename: NamedChange = [
  'renamed',
  ({ document, place, choices }) => {
    const last = String(place.path.at(-1))
    const names = [`${last}s`, last.slice(0, -1), last.toUpperCase(), `${last.charAt(0).toUpperCase()}${last.slice(1)}`]
    const without = remove[1]({ document, place, choices })
    return replaced(without, [...place.path.slice(0, -1), choices.pick(names)], place.value)
  },
]

const otherType: NamedChange = [
  'otherwise',
  ({ document, place, choices }) => replaced(document, place.path, choices.pick(junk)),
]

const limit: NamedChange = [
  'at the limits of',
  ({ document, place: { path, value, schema = {} }, choices }) =>
    replaced(document, path, atLimits(schema, value, choices)),
]

const refit: NamedChange = [
  'made anew',
  ({ document, place: { path, schema = {} }, choices }) => replaced(document, path, fitting(schema, choices)),
]

const unknown: NamedChange = [
  'with a stranger in',
  ({ document, place, choices }) =>
    replaced(document, [...place.path, choices.pick(['unknown', 'spec', 'name', 'constructor', '__proto__'])], 'x'),
]

const add = (absent: readonly string[]): NamedChange => [
  'with more in',
  ({ document, place, choices }) => {
    const name = choices.pick(absent)
    return replaced(document, [...place.path, name], fitting(place.schema?.properties?.[name] ?? {}, choices))
  },
]
