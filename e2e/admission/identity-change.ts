// Changes of what says which object a document is, and of the rest of its metadata.
import type { Choices } from './choices.ts'
import { texts } from './invention.ts'
import { changedAt, replaced } from './place.ts'
import { isPlain } from './verdict.ts'

type IdentityChange = readonly [name: string, change: (document: unknown, choices: Choices) => unknown]

const long = (length: number): string => 'a'.repeat(length)
const names = [...texts, long(63), long(64), long(253), long(254), `${long(60)}.${long(60)}`, 'web-1', '1web', 'a.1']

/** Those of the names that a namespace can have. */
export const possibleNamespaces = names.filter((name) => /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name))

const keys = [...names, `${long(253)}/a`, `${long(254)}/a`, `a/${long(63)}`, `a/${long(64)}`, 'A.b/c', 'a/b/c', 'a/']
const values = [...names, 1, true, null, {}]
const versions = [
  'v1',
  'v1beta1',
  'v1alpha2',
  'v1alpha3',
  'v9',
  'gateway.networking.k8s.io/v1',
  'example.com/v1',
  '',
  'a/b/c',
]
const groups = ['gateway.networking.k8s.io', 'gateway.networking.x-k8s.io', 'discovery.k8s.io']
const kinds = [
  'HTTPRoute',
  'GRPCRoute',
  'TCPRoute',
  'Gateway',
  'GatewayClass',
  'Service',
  'Httproute',
  'Nonsense',
  '',
  7,
  null,
]

const inMetadata = (document: unknown, path: readonly string[], value: unknown): unknown => {
  const metadata = isPlain(document) && isPlain(document['metadata']) ? document['metadata'] : {}
  const { labels, annotations } = metadata
  const whole = {
    ...metadata,
    ...(path[0] === 'labels' && { labels: isPlain(labels) ? labels : {} }),
    ...(path[0] === 'annotations' && { annotations: isPlain(annotations) ? annotations : {} }),
  }
  return replaced(replaced(document, ['metadata'], whole), ['metadata', ...path], value)
}

export const identityChanges: readonly IdentityChange[] = [
  ['another name', (document, choices) => inMetadata(document, ['name'], choices.pick(names))],
  ['another name', (document, choices) => inMetadata(document, ['name'], choices.pick(names))],
  ['a name that is none', (document, choices) => inMetadata(document, ['name'], choices.pick([null, 1, {}, [], '']))],
  ['another namespace', (document, choices) => inMetadata(document, ['namespace'], choices.pick(values))],
  ['a label', (document, choices) => inMetadata(document, ['labels', choices.pick(keys)], choices.pick(values))],
  ['a label of a key', (document, choices) => inMetadata(document, ['labels', choices.pick(keys)], 'x')],
  ['a label of a value', (document, choices) => inMetadata(document, ['labels', 'a.b/c'], choices.pick(values))],
  [
    'an annotation',
    (document, choices) => inMetadata(document, ['annotations', choices.pick(keys)], choices.pick(values)),
  ],
  [
    'a long annotation',
    (document, choices) => inMetadata(document, ['annotations', 'a'], long(262_142 + choices.upTo(2))),
  ],
  ['no labels', (document, choices) => inMetadata(document, ['labels'], choices.pick([null, [], 'x', {}]))],
  [
    'no metadata',
    (document, choices) => replaced(document, ['metadata'], choices.pick([null, [], 'x', {}, { name: 'a', a: 1 }])),
  ],
  ['a stranger in metadata', (document) => inMetadata(document, ['label'], { a: 'b' })],
  [
    'another version',
    (document, choices) => {
      const version = choices.pick(versions)
      const group = choices.pick(['', ...groups])
      return replaced(document, ['apiVersion'], group === '' || version.includes('/') ? version : `${group}/${version}`)
    },
  ],
  ['another kind', (document, choices) => replaced(document, ['kind'], choices.pick(kinds))],
  [
    'no kind',
    (document, choices) =>
      changedAt(document, [choices.pick(['kind', 'apiVersion'])], (holder, last) => {
        delete (holder as Record<string, unknown>)[last]
      }),
  ],
]
