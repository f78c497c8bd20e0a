import { describe, expect, it } from '@jest/globals'
import { houseName } from './crd-names.ts'
import { type Crd, type Schema, typesOf } from './crd-types.ts'

function crd(kind: string, spec: Schema): Crd {
  const openAPIV3Schema = { type: 'object', properties: { metadata: { type: 'object' }, spec } }
  return {
    group: 'g',
    kind,
    plural: '',
    scope: 'Namespaced',
    versions: [{ name: 'v1', storage: true, openAPIV3Schema }],
  }
}

/** The fields of a spec with one field, as written. */
function fieldOf(field: Schema, required: readonly string[] = []): string {
  const text = typesOf([crd('Toy', { type: 'object', properties: { x: field }, required })]).get('toy.ts') ?? ''
  return /interface ToySpec \{\n([^}]*)\n\}/.exec(text)?.[1]?.trim() ?? text
}

describe('types of CRDs', () => {
  it.each<[string, Schema, string]>([
    ['an optional field', { type: 'string' }, 'readonly x?: string'],
    ['a field with a default', { type: 'integer', default: 0 }, 'readonly x: number'],
    ['an enum', { type: 'string', enum: ['A', 'B'] }, "readonly x?: 'A' | 'B'"],
    ['a number enum', { type: 'integer', enum: [301, 302] }, 'readonly x?: 301 | 302'],
    ['int-or-string', { 'x-kubernetes-int-or-string': true }, 'readonly x?: number | string'],
    ['a list', { type: 'array', items: { type: 'string' } }, 'readonly x?: readonly string[]'],
    ['a list of an enum', { type: 'array', items: { enum: ['A', 'B'] } }, "readonly x?: readonly ('A' | 'B')[]"],
    [
      'a map',
      { type: 'object', additionalProperties: { type: 'string' } },
      'readonly x?: Readonly<Record<string, string>>',
    ],
    ['a nullable field', { type: 'string', nullable: true }, 'readonly x?: string | null'],
  ])('%s', (_name, schema, text) => {
    expect(fieldOf(schema)).toBe(text)
  })

  it('a required field, with the first sentence of its description', () => {
    const field = fieldOf({ type: 'string', description: 'Names it (e.g. web).\nMore.\n\nAnd more.' }, ['x'])
    expect(field).toBe('/** Names it (e.g. web). */\n  readonly x: string')
  })

  it('shares one interface between kinds, and keeps those apart that differ', () => {
    const reference = (extra: Record<string, Schema>): Schema => ({
      type: 'object',
      properties: { ref: { type: 'object', properties: { group: {}, kind: {}, name: { type: 'string' }, ...extra } } },
    })
    const text = typesOf([crd('A', reference({})), crd('B', reference({})), crd('C', reference({ name: {} }))])
    expect([...text.keys()].sort()).toEqual(['a.ts', 'b.ts', 'c.ts', 'index.ts', 'parts.ts'])
    expect(text.get('parts.ts')).toContain('export interface LocalObjectReference {')
    expect(text.get('b.ts')).toContain("import type { LocalObjectReference } from './parts.ts'")
    expect(text.get('c.ts')).toContain('readonly ref?: CRef')
  })

  it.each([
    ['HTTPRoute', 'HttpRoute'],
    ['GRPCRoute', 'GrpcRoute'],
    ['TLSRoute', 'TlsRoute'],
    ['BackendTLSPolicy', 'BackendTlsPolicy'],
    ['XMesh', 'XMesh'],
  ])('%s is %s', (kind, name) => {
    expect(houseName(kind)).toBe(name)
  })
})
