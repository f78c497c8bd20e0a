import { describe, expect, it } from '@jest/globals'
import { refusalOf } from './refusal.ts'
import { ruleProblems } from './rules.ts'
import type { Schema, ValidationRule } from './schema.ts'

const text: Schema = { type: 'string' }
const ruled = (schema: Schema, rule: string, more: Partial<ValidationRule> = {}): Schema => ({
  ...schema,
  'x-kubernetes-validations': [{ rule, message: 'broken', ...more }],
})
const holding = (properties: Record<string, Schema>): Schema => ({ type: 'object', properties })
const holds = (schema: Schema, value: unknown, old?: unknown) =>
  ruleProblems(schema, value, old)
    .map(refusalOf)
    .map(({ path, reason }) => `${path}: ${reason}`)

describe('ruleProblems', () => {
  it.each<[string, Schema, unknown, boolean]>([
    ['an integer is an int', ruled({ type: 'integer' }, 'self % 2 == 0'), 4, true],
    ['a number is a double, whatever it looks like', ruled({ type: 'number' }, 'type(self) == double'), 4, true],
    [
      'an int-or-string is what stands there',
      ruled({ 'x-kubernetes-int-or-string': true }, 'type(self) == int'),
      4,
      true,
    ],
    [
      'a reserved word is escaped',
      ruled(holding({ namespace: text }), "self.__namespace__ == 'a'"),
      { namespace: 'a' },
      true,
    ],
    ['a dash is escaped', ruled(holding({ 'a-b': text }), "self.a__dash__b == 'c'"), { 'a-b': 'c' }, true],
    [
      'keys of a map are not',
      ruled({ type: 'object', additionalProperties: text }, "self['a-b'] == 'c'"),
      { 'a-b': 'c' },
      true,
    ],
    ['an absent field is not there', ruled(holding({ a: text }), '!has(self.a)'), {}, true],
    ['an empty list is', ruled(holding({ a: { type: 'array', items: text } }), 'has(self.a)'), { a: [] }, true],
    ['an unknown field is out of sight', ruled(holding({}), '!has(self.a)'), { a: 1 }, true],
    ['patterns are RE2', ruled(text, "self.matches('^(?i)ab$')"), 'AB', true],
    ['lengths count code points', ruled(text, 'self.size() == 1'), '😀', true],
    ['isIP knows no zone', ruled(text, 'isIP(self)'), 'fe80::1%eth0', false],
    ['isIP knows IPv6', ruled(text, 'isIP(self)'), 'fe80::1', true],
    ['a format tells what is wrong', ruled(text, 'format.dns1123Label().validate(self).hasValue()'), 'A', true],
    ['or nothing', ruled(text, '!format.qualifiedName().validate(self).hasValue()'), 'a.b/C', true],
    ['a false rule', ruled(text, "self == 'a'"), 'b', false],
  ])('%s', (_, schema, value, expected) => {
    expect(holds(schema, value)).toHaveLength(expected ? 0 : 1)
  })

  it('names the place, outer rules first', () => {
    const list: Schema = { type: 'array', items: ruled(text, "self != 'b'") }
    const schema = ruled(holding({ a: list, 'x/y': ruled(text, 'false') }), 'false')
    expect(holds(schema, { a: ['a', 'b'], 'x/y': 'c' })).toEqual([
      ': Invalid value: "object": broken',
      'a[1]: Invalid value: "b": broken',
      '[x/y]: Invalid value: "c": broken',
    ])
  })

  it.each<[string, Partial<ValidationRule>, string]>([
    ['the message', {}, 'spec: Invalid value: "object": broken'],
    ['a message made for the value', { messageExpression: "'not ' + self.a" }, 'spec: Invalid value: "object": not b'],
    [
      'the message when making one fails',
      { messageExpression: 'self.nothing' },
      'spec: Invalid value: "object": broken',
    ],
    ['a field below', { fieldPath: '.a' }, 'spec.a: Invalid value: "object": broken'],
    ['that a field is missing', { fieldPath: '.c', reason: 'FieldValueRequired' }, 'spec.c: Required value: broken'],
    ['that it may not be', { reason: 'FieldValueForbidden' }, 'spec: Forbidden: broken'],
    ['that it is there twice', { reason: 'FieldValueDuplicate' }, 'spec: Duplicate value: "broken"'],
  ])('tells %s', (_, more, expected) => {
    const schema = holding({ spec: ruled(holding({ a: text }), 'false', more) })
    expect(holds(schema, { spec: { a: 'b' } })).toEqual([expected])
  })

  it('refuses what a rule cannot judge, with the reason', () => {
    const schema = holding({ spec: ruled(holding({ a: text }), "self.a == 'b'") })
    expect(holds(schema, { spec: {} })).toEqual([
      'spec: Invalid value: "object": no such key: a evaluating rule: broken',
    ])
  })
})

describe('a rule about a change', () => {
  const grows = 'self >= oldSelf'
  const number: Schema = ruled({ type: 'integer' }, grows)
  it.each<[string, Schema, unknown, unknown, number]>([
    ['says nothing of what is new', number, 1, undefined, 0],
    ['holds', number, 2, 1, 0],
    ['does not', number, 1, 2, 1],
    ['says nothing of a field that is new', holding({ a: number }), { a: 1 }, {}, 0],
    ['follows fields', holding({ a: number }), { a: 1 }, { a: 2 }, 1],
    ['follows entries of maps', { type: 'object', additionalProperties: number }, { b: 1, a: 1 }, { a: 2 }, 1],
    ['does not follow plain lists', { type: 'array', items: number }, [1], [2], 0],
    [
      'is run without a past if it asks to',
      ruled({ type: 'integer' }, 'oldSelf.hasValue()', { optionalOldSelf: true }),
      1,
      undefined,
      1,
    ],
    ['and with one', ruled({ type: 'integer' }, 'oldSelf.orValue(0) < self', { optionalOldSelf: true }), 1, 1, 1],
  ])('%s', (_, schema, value, old, broken) => {
    expect(holds(schema, value, old)).toHaveLength(broken)
  })

  it('follows the elements of a list-map by key, wherever they move', () => {
    const element = holding({ name: text, size: number })
    const schema: Schema = { type: 'array', items: element, 'x-kubernetes-list-map-keys': ['name'] }
    const now = [
      { name: 'b', size: 1 },
      { name: 'a', size: 1 },
    ]
    expect(holds(schema, now, [{ name: 'a', size: 5 }])).toEqual(['[1].size: Invalid value: 1: broken'])
  })
})

describe('what was admitted before', () => {
  const never = ruled(text, 'false')
  const list: Schema = { type: 'array', items: never }
  it.each<[string, Schema, unknown, unknown, readonly string[]]>([
    ['is not judged again', never, 'a', 'a', []],
    ['is, once it is another', never, 'b', 'a', [': Invalid value: "b": broken']],
    ['leaves its neighbours to be judged', list, ['a', 'b'], ['a', 'c'], ['[1]: Invalid value: "b": broken']],
    [
      'stands at its place',
      list,
      ['b', 'a'],
      ['a'],
      ['[0]: Invalid value: "b": broken', '[1]: Invalid value: "a": broken'],
    ],
    [
      'says nothing for what is around it',
      ruled(holding({ a: never, b: text }), 'false'),
      { a: 'x', b: '2' },
      { a: 'x', b: '1' },
      [': Invalid value: "object": broken'],
    ],
    [
      'is held against itself by a rule about a change',
      ruled(text, 'self != oldSelf'),
      'a',
      'a',
      [': Invalid value: "a": broken'],
    ],
  ])('%s', (_, schema, value, old, expected) => {
    expect(holds(schema, value, old)).toEqual(expected)
  })
})
