import { describe, expect, it } from '@jest/globals'
import { createAdmission } from './admission.ts'

const { admit } = createAdmission()
const core = (kind: string, metadata: unknown) => admit({ apiVersion: 'v1', kind, metadata })
const of = (metadata: unknown) => core('ConfigMap', metadata)

describe('metadata', () => {
  it.each<[string, unknown, string, string]>([
    ['nothing', undefined, 'metadata.name', 'Required value'],
    ['null', null, 'metadata.name', 'Required value'],
    ['text', 'x', 'metadata', 'Invalid value: "x": must be of type object'],
    ['an empty name', { name: '' }, 'metadata.name', 'Required value'],
    ['generateName alone', { generateName: 'x-' }, 'metadata.name', 'Required value'],
    ['a number as name', { name: 7 }, 'metadata.name', 'Invalid value: 7: must be of type string'],
    ['an upper-case name', { name: 'X' }, 'metadata.name', 'Invalid value: "X": a lowercase RFC 1123 subdomain'],
    ['a name with a slash', { name: 'a/b' }, 'metadata.name', 'Invalid value: "a/b": a lowercase RFC 1123 subdomain'],
    [
      'a name of 254',
      { name: 'a'.repeat(254) },
      'metadata.name',
      `Invalid value: "${'a'.repeat(100)}…": must be no more`,
    ],
    [
      'a dotted namespace',
      { name: 'x', namespace: 'a.b' },
      'metadata.namespace',
      'Invalid value: "a.b": a lowercase RFC 1123 label',
    ],
    ['an unknown field', { name: 'x', lables: {} }, 'metadata.lables', 'unknown field'],
    [
      'a label that is a number',
      { name: 'x', labels: { a: 1 } },
      'metadata.labels.a',
      'Invalid value: 1: must be of type string',
    ],
    [
      'a label value with a blank',
      { name: 'x', labels: { a: 'b c' } },
      'metadata.labels.a',
      'Invalid value: "b c": a valid label',
    ],
    [
      'a label key with a blank',
      { name: 'x', labels: { 'a b': 'c' } },
      'metadata.labels',
      'Invalid value: "a b": name part must',
    ],
    [
      'a label key with a bad prefix',
      { name: 'x', labels: { 'A/b': 'c' } },
      'metadata.labels',
      'Invalid value: "A/b": prefix part',
    ],
    [
      'a label key with two slashes',
      { name: 'x', labels: { 'a/b/c': 'd' } },
      'metadata.labels',
      'Invalid value: "a/b/c": a qualified name',
    ],
    [
      'an annotation key with a blank',
      { name: 'x', annotations: { 'a b': 'c' } },
      'metadata.annotations',
      'Invalid value: "a b": name',
    ],
    [
      'annotations beyond 256 KiB',
      { name: 'x', annotations: { a: 'b'.repeat(262_144) } },
      'metadata.annotations',
      'Too long',
    ],
    [
      'an age that is none',
      { name: 'x', creationTimestamp: 'soon' },
      'metadata.creationTimestamp',
      'Invalid value: "soon"',
    ],
  ])('is refused: %s', (_, metadata, path, reason) => {
    expect(of(metadata)).toEqual({
      refused: [{ path, reason: expect.stringMatching(new RegExp(`^${RegExp.escape(reason)}`)) }],
    })
  })

  it.each<[string, object, object]>([
    ['the namespace default', { name: 'x' }, { namespace: 'default' }],
    [
      'labels of every legal form',
      { name: 'x', labels: { 'a.b/C_d.e': '', f: 'G-1' } },
      { labels: { 'a.b/C_d.e': '', f: 'G-1' } },
    ],
    [
      'an annotation key in upper case',
      { name: 'x', annotations: { 'Example.com/A': '{}' } },
      { annotations: { 'Example.com/A': '{}' } },
    ],
    [
      'null for absent',
      { name: 'x', labels: null, creationTimestamp: null },
      { creationTimestamp: '1970-01-01T00:00:00Z' },
    ],
    [
      'an age in UTC',
      { name: 'x', creationTimestamp: '2026-01-02T03:04:05.678+01:00' },
      { creationTimestamp: '2026-01-02T02:04:05Z' },
    ],
    ['uid and generation', { name: 'x', uid: 'u', generation: 3 }, { uid: 'u', generation: 3 }],
  ])('is taken with %s', (_, metadata, expected) => {
    expect(of(metadata)).toMatchObject({ object: { metadata: expected } })
  })

  it.each([
    ['a Service like a DNS-1035 label', 'Service', '1a', 'a DNS-1035 label'],
    ['a Namespace like a DNS-1123 label', 'Namespace', 'a.b', 'a lowercase RFC 1123 label'],
  ])('names %s', (_, kind, name, reason) => {
    expect(core(kind, { name })).toMatchObject({
      refused: [{ path: 'metadata.name', reason: expect.stringContaining(reason) }],
    })
  })

  it('passes over the namespace of a cluster-scoped object', () => {
    const admitted = core('Namespace', { name: 'a', namespace: 'b' })
    expect('object' in admitted && admitted.object.metadata).not.toHaveProperty('namespace')
  })
})
