// Our reading of the schemas against another's: ajv must find fault in the same places of the same random documents.

import { isIPv4, isIPv6 } from 'node:net'
import { describe, expect, it } from '@jest/globals'
import { Ajv, type ErrorObject } from 'ajv'
import fc from 'fast-check'
import { kinds } from '../kinds.ts'
import { definitionOf } from './definition.ts'
import { childPath } from './refusal.ts'
import type { Schema } from './schema.ts'
import { structureProblems } from './structure.ts'

const isBase64 = (text: string) => Buffer.from(text, 'base64').toString('base64') === text
const ajv = new Ajv({
  strict: false,
  allErrors: true,
  unicodeRegExp: false,
  formats: { ipv4: isIPv4, ipv6: isIPv6, int32: true, int64: true, byte: isBase64 },
})

/** The same schema in plain JSON Schema, where unknown fields are refused only if that is said. */
function plain(schema: Schema): object {
  const { properties, items, additionalProperties, ...rest } = schema
  const open = schema.type !== 'object' || schema['x-kubernetes-preserve-unknown-fields'] === true
  return {
    ...rest,
    ...(schema['x-kubernetes-int-or-string'] && { type: ['integer', 'string'] }),
    ...(properties && { properties: Object.fromEntries(Object.entries(properties).map(([k, v]) => [k, plain(v)])) }),
    ...(items && { items: plain(items) }),
    ...(typeof additionalProperties === 'object'
      ? { additionalProperties: plain(additionalProperties) }
      : { additionalProperties: open }),
  }
}

function placeOf({ instancePath, keyword, params }: ErrorObject): string {
  const place = instancePath
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce((path, step) => (/^\d+$/.test(step) ? `${path}[${step}]` : childPath(path, step)), '')
  if (keyword === 'required') return childPath(place, String(params['missingProperty']))
  return keyword === 'additionalProperties' ? childPath(place, String(params['additionalProperty'])) : place
}

const texts = [
  '',
  'a',
  'a.b',
  '*.a.b',
  'A',
  'a b',
  '/x',
  '1.2.3.4',
  '::1',
  '5s',
  'IPAddress',
  'a.b/c',
  'x'.repeat(300),
  '😀'.repeat(250),
]
const junk = fc.constantFrom<unknown>(null, 'text', 1, 1.5, true, [], {}, [1], { a: 1 })

/** Mostly what the schema asks for, sometimes something else. */
function document(schema: Schema): fc.Arbitrary<unknown> {
  return fc.oneof({ arbitrary: fitting(schema), weight: 15 }, { arbitrary: junk, weight: 1 })
}

function fitting(schema: Schema): fc.Arbitrary<unknown> {
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum)
  switch (schema.type) {
    case 'array':
      return fc.array(document(schema.items ?? {}), { maxLength: 3 })
    case 'object':
      return fields(schema)
    case 'integer':
      return fc.constantFrom(-1, 0, 1, 80, 404, 65536, 2_000_000)
    case 'boolean':
      return fc.boolean()
    default:
      return fc.constantFrom(...texts)
  }
}

function fields({ properties, additionalProperties }: Schema): fc.Arbitrary<unknown> {
  if (typeof additionalProperties === 'object') {
    return fc.dictionary(fc.constantFrom('a', 'b', 'c/d'), document(additionalProperties), { noNullPrototype: true })
  }
  const model: Record<string, fc.Arbitrary<unknown>> = Object.fromEntries(
    Object.entries(properties ?? {}).map(([name, property]) => [name, document(property)]),
  )
  // What every object of JavaScript inherits is no field either.
  return fc.record({ ...model, constructor: fc.constant(1) }, { requiredKeys: [], noNullPrototype: true })
}

describe('structureProblems', () => {
  it.each(kinds.map((info) => [info.kind, definitionOf(info, info.versions[0])?.schema ?? {}] as const))(
    'finds fault in %s where ajv does',
    (_, schema) => {
      const validate = ajv.compile(plain(schema))
      fc.assert(
        fc.property(document(schema), (value) => {
          validate(value)
          // What the branches of a combination say is no fault of the whole.
          const faults = (validate.errors ?? []).filter(({ schemaPath }) => !/\/(oneOf|anyOf|not)\//.test(schemaPath))
          const ours = structureProblems(schema, value, '').filter(({ fault }) => fault !== 'Duplicate value')
          expect(new Set(ours.map(({ path }) => path))).toEqual(new Set(faults.map(placeOf)))
        }),
        { numRuns: 60 },
      )
    },
  )
})
