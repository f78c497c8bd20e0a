// Values made from a schema: mostly ones that it admits, and those at and beyond its every limit.
import type { Schema } from '@penstock/gateway-api/admission'
import type { Choices } from './choices.ts'

/** Each fits some pattern of the schemas, or is near to it. */
export const texts = [
  ...['', 'a', 'A', 'web', 'a.b', 'a..b', '-a', 'a-', 'a_b', 'a b', 'x/y', 'a.b/c', 'example.com/x', 'example.com/'],
  ...[
    '*',
    '*.',
    '*.example.com',
    'a.*.com',
    'Example.com',
    '1.2.3.4',
    '1.2.3',
    '::1',
    '::ffff:1.2.3.4',
    'fe80::1%eth0',
  ],
  ...[
    '/',
    '/a',
    '//',
    '/a//b',
    '/a/./b',
    '/a/..',
    '/%2f',
    '/%zz',
    '/a#b',
    '/a?b',
    '(',
    '[a-z]+',
    '^/a$',
    '\\d',
    '(?=a)',
  ],
  ...['5s', '0s', '1m30s', '1h1m1s1ms', '100000s', '-5s', '5', '1.5s', 's', 'https', 'http://a.b', 'https://*', 'a:80'],
  ...['example.com:0', 'https://a.b:99999', 'null', 'true', '80', 'Exact', 'core', 'Service', 'Gateway', 'HTTPRoute'],
  ...['Hostname', 'IPAddress', 'GET', 'get', 'X-Header', ':path', 'ä', '😀', 'a\nb', 'a\u0000b', '\t', ' a', 'a '],
]

export const junk: readonly unknown[] = [
  null,
  'text',
  '',
  0,
  1,
  -1,
  1.5,
  1e20,
  true,
  false,
  [],
  {},
  [1],
  [null],
  [{}],
  { a: 1 },
]

/** What the schema admits, as far as its own keywords tell. */
export function fitting(schema: Schema, choices: Choices, depth = 0): unknown {
  if (schema.enum !== undefined) return choices.pick(schema.enum)
  if (schema['x-kubernetes-int-or-string']) return choices.pick<unknown>([80, 'http', '50%'])
  switch (schema.type) {
    case 'object':
      return fittingObject(schema, choices, depth)
    case 'array': {
      const length = Math.max(schema.minItems ?? 0, choices.upTo(depth > 4 ? 1 : 2))
      return Array.from({ length }, () => fitting(schema.items ?? {}, choices, depth + 1))
    }
    case 'integer':
    case 'number':
      return choices.pick([1, 80, 443, schema.minimum ?? 0, schema.maximum ?? 100])
    case 'boolean':
      return choices.oneIn(2)
    default:
      return choices.pick(fittingTexts(schema))
  }
}

function fittingObject(schema: Schema, choices: Choices, depth: number): unknown {
  const { properties = {}, required = [], additionalProperties } = schema
  if (typeof additionalProperties === 'object') {
    const names = ['a', 'example.com/x'].slice(0, choices.upTo(2))
    return Object.fromEntries(names.map((name) => [name, fitting(additionalProperties, choices, depth + 1)]))
  }
  const rarely = 2 + depth
  const chosen = Object.entries(properties).filter(([name]) => required.includes(name) || choices.oneIn(rarely))
  return Object.fromEntries(chosen.map(([name, property]) => [name, fitting(property, choices, depth + 1)]))
}

function fittingTexts({ pattern, minLength = 0, maxLength = 10_000 }: Schema): readonly string[] {
  const expression = new RegExp(pattern ?? '')
  const fits = texts.filter((text) => text.length >= minLength && text.length <= maxLength && expression.test(text))
  return fits.length > 0 ? fits : texts
}

/** At the limits that the schema names, and one step beyond them. */
export function atLimits(schema: Schema, value: unknown, choices: Choices): unknown {
  const around = (limit: number | undefined): number[] =>
    limit === undefined ? [] : [limit - 1, limit, limit + 1].filter((size) => size >= -1)
  if (Array.isArray(value)) {
    const sizes = [...around(schema.minItems), ...around(schema.maxItems), 0, value.length + 1]
    return resized(value, Math.min(2_000, Math.max(0, choices.pick(sizes))))
  }
  if (typeof value === 'number') {
    const integers = [0, -1, 65_535, 65_536, 2 ** 31 - 1, 2 ** 31, 2 ** 53, -(2 ** 31) - 1]
    return choices.pick([...around(schema.minimum), ...around(schema.maximum), ...integers])
  }
  if (typeof value === 'boolean') return !value
  if (typeof value !== 'string') return choices.pick(junk)
  if (schema.enum !== undefined)
    return choices.pick([...schema.enum, ...schema.enum, ...schema.enum, 'Nonsense', value.toLowerCase()])
  const lengths = [...around(schema.minLength), ...around(schema.maxLength)].filter((length) => length > 0)
  if (lengths.length === 0 || choices.oneIn(2)) return choices.pick(texts)
  const length = Math.min(70_000, choices.pick(lengths))
  // Grown from what stands there, so that it stays what its pattern wants.
  return choices.oneIn(4) ? 'ä'.repeat(length) : value.padEnd(length, 'a').slice(0, length)
}

/** Copies that have names of their own, where they have names. */
function resized(list: readonly unknown[], length: number): unknown[] {
  const grown = Array.from({ length: Math.max(0, length - list.length) }, (_, index) => {
    const copy = structuredClone(list.at(-1) ?? {})
    if (typeof copy === 'string') return `${copy}${index}`
    const named = copy as Record<string, unknown> | null
    if (typeof named?.['name'] === 'string') named['name'] = `${named['name']}${index}`
    if (typeof named?.['port'] === 'number' && index % 2 === 0) named['port'] += index
    return copy
  })
  return [...list, ...grown].slice(0, length)
}
