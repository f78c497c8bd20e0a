import { parse } from '@bufbuild/cel'
import { describe, expect, it } from '@jest/globals'
import { kinds } from '../kinds.ts'
import { kubernetesFunctions } from './cel-functions.ts'
import { coreSchemas } from './core-schemas.ts'
import { crdsOfGatewayApi, definitionOf } from './definition.ts'
import { knownFormats } from './format.ts'
import { nameFormats } from './names.ts'
import { compilePattern } from './pattern.ts'
import { compileRule } from './rule.ts'
import type { Schema, ValidationRule } from './schema.ts'

const definitions = kinds.flatMap((info) =>
  info.versions.map((version) => ({
    name: `${info.group}/${version} ${info.kind}`,
    schema: definitionOf(info, version)?.schema ?? {},
  })),
)

function* below(schema: Schema): Generator<Schema> {
  yield schema
  const { properties = {}, items, additionalProperties, allOf = [], anyOf = [], oneOf = [], not } = schema
  for (const child of [...Object.values(properties), items, additionalProperties, ...allOf, ...anyOf, ...oneOf, not]) {
    if (typeof child === 'object') yield* below(child)
  }
}

const schemas = definitions.flatMap(({ schema }) => [...below(schema)])
const rules = schemas.flatMap((schema) => schema['x-kubernetes-validations'] ?? [])

/** The names of the functions that an expression calls. */
function calls(node: unknown): string[] {
  if (typeof node !== 'object' || node === null) return []
  const { case: what, value } = node as { case?: unknown; value?: { function?: unknown; target?: unknown } }
  const own = what === 'callExpr' && typeof value?.function === 'string' ? [value.function] : []
  return [...own, ...Object.values(node).flatMap(calls)]
}

describe('the table of kinds', () => {
  it('says of the Gateway API what its CRDs say', () => {
    const byName = (a: { kind: string }, b: { kind: string }) => (a.kind < b.kind ? -1 : 1)
    const told = crdsOfGatewayApi().map(({ group, kind, plural, scope, versions }) => {
      return {
        group,
        kind,
        plural,
        versions: versions.map(({ name }) => name).sort(),
        namespaced: scope === 'Namespaced',
      }
    })
    const ours = kinds
      .filter(({ kind }) => !(kind in coreSchemas))
      .map((info) => ({ ...info, versions: [...info.versions].sort() }))
    expect(ours.sort(byName)).toEqual(told.sort(byName))
  })

  it.each(kinds.map((info) => [info.kind, info.versions] as const))(
    'prefers of %s the most stable version',
    (_, versions) => {
      const stability = (version: string) => (version.includes('alpha') ? 0 : version.includes('beta') ? 1 : 2)
      expect(stability(versions[0])).toBe(Math.max(...versions.map(stability)))
    },
  )
})

describe('the schemas', () => {
  it('use no keyword that we pass over', () => {
    const judged = `type properties additionalProperties items required enum nullable default format pattern
      minLength maxLength minimum maximum minItems maxItems minProperties maxProperties allOf anyOf oneOf not
      x-kubernetes-int-or-string x-kubernetes-preserve-unknown-fields x-kubernetes-list-type x-kubernetes-list-map-keys
      x-kubernetes-validations`.split(/\s+/)
    // Of meaning for server-side apply alone.
    const harmless = ['x-kubernetes-map-type']
    const used = new Set(schemas.flatMap((schema) => Object.keys(schema)))
    expect([...used].filter((keyword) => !judged.includes(keyword) && !harmless.includes(keyword))).toEqual([])
  })

  it('use no format that we do not know', () => {
    const used = new Set(schemas.flatMap(({ format }) => (format === undefined ? [] : [format])))
    expect([...used].filter((format) => !knownFormats.includes(format))).toEqual([])
  })

  it('have only patterns that are RE2', () => {
    for (const { pattern } of schemas) if (pattern !== undefined) compilePattern(pattern)
  })

  it('ask for a unique key only where every element has it, or a default', () => {
    const keyed = schemas.filter((schema) => schema['x-kubernetes-list-type'] === 'map')
    expect(keyed.length).toBeGreaterThan(10)
    for (const { items, 'x-kubernetes-list-map-keys': keys } of keyed) {
      for (const key of keys ?? []) {
        const property = items?.properties?.[key]
        expect(items?.required?.includes(key) === true || property?.default !== undefined).toBe(true)
      }
    }
  })
})

describe('the rules', () => {
  const functions = new Set(kubernetesFunctions.map(({ name }) => name))
  // Of CEL itself, and the formats that a name is resolved to; names with a sign are operators.
  const ofCel = [
    'contains',
    'duration',
    'endsWith',
    'matches',
    'size',
    'startsWith',
    'type',
    ...Object.keys(nameFormats),
  ]
  const texts = (rule: ValidationRule) => [
    rule.rule,
    ...(rule.messageExpression === undefined ? [] : [rule.messageExpression]),
  ]

  it('are many', () => {
    expect(rules.length).toBeGreaterThan(300)
  })

  it('all compile', () => {
    for (const rule of rules) compileRule(rule)
  })

  it('call no function that we lack', () => {
    const called = new Set(rules.flatMap(texts).flatMap((text) => calls(parse(text).expr)))
    const unknown = [...called].filter((name) => /^\w+$/.test(name) && !functions.has(name) && !ofCel.includes(name))
    expect(unknown).toEqual([])
  })
})
