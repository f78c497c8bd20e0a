import { describe, expect, it } from '@jest/globals'
import { strategicMerge, unknownDirective } from './strategic-merge.ts'

const envoy = { name: 'envoy', image: 'a', ports: [{ containerPort: 1 }], env: [{ name: 'A', value: '1' }] }

describe('strategicMerge', () => {
  it.each<[string, object, object, object]>([
    ['objects are merged', { a: { b: 1, c: 2 } }, { a: { b: 3 } }, { a: { b: 3, c: 2 } }],
    ['null removes', { a: { b: 1, c: 2 } }, { a: { b: null } }, { a: { c: 2 } }],
    ['null of what is not there says nothing', {}, { a: { b: null } }, { a: {} }],
    ['an object takes the place of a value', { a: 1 }, { a: { b: 1 } }, { a: { b: 1 } }],
    [
      'containers are merged by name',
      { containers: [envoy] },
      { containers: [{ name: 'envoy', image: 'b' }, { name: 'more' }] },
      { containers: [{ ...envoy, image: 'b' }, { name: 'more' }] },
    ],
    [
      'environments and mounts by their keys',
      { containers: [{ ...envoy, volumeMounts: [{ mountPath: '/a', name: 'a' }] }] },
      {
        containers: [
          { name: 'envoy', env: [{ name: 'A', value: '2' }], volumeMounts: [{ mountPath: '/a', name: 'b' }] },
        ],
      },
      { containers: [{ ...envoy, env: [{ name: 'A', value: '2' }], volumeMounts: [{ mountPath: '/a', name: 'b' }] }] },
    ],
    [
      'ports by number and protocol',
      { ports: [{ port: 53 }, { port: 53, protocol: 'UDP' }] },
      { ports: [{ port: 53, protocol: 'UDP', nodePort: 30_053 }] },
      { ports: [{ port: 53 }, { port: 53, protocol: 'UDP', nodePort: 30_053 }] },
    ],
    [
      'ports of containers too',
      { ports: [{ containerPort: 1, name: 'a' }] },
      { ports: [{ containerPort: 1, protocol: 'TCP', hostPort: 1 }] },
      { ports: [{ containerPort: 1, name: 'a', protocol: 'TCP', hostPort: 1 }] },
    ],
    [
      'lists without a key are replaced',
      { tolerations: [{ key: 'a' }] },
      { tolerations: [{ key: 'b' }] },
      { tolerations: [{ key: 'b' }] },
    ],
    ['lists of values are replaced', { args: ['a', 'b'] }, { args: ['c'] }, { args: ['c'] }],
    [
      'an element is deleted by its key',
      { containers: [envoy, { name: 'more' }] },
      { containers: [{ name: 'more', $patch: 'delete' }] },
      { containers: [envoy] },
    ],
    [
      'one that is not there is not',
      { containers: [envoy] },
      { containers: [{ name: 'more', $patch: 'delete' }] },
      { containers: [envoy] },
    ],
    ['an object is deleted', { a: { b: 1 }, c: 1 }, { a: { $patch: 'delete' } }, { c: 1 }],
    ['an object is replaced', { a: { b: 1, c: 2 } }, { a: { $patch: 'replace', c: 3 } }, { a: { c: 3 } }],
    [
      'a list is replaced',
      { volumes: [{ name: 'a' }] },
      { volumes: [{ name: 'b' }, { $patch: 'replace' }] },
      { volumes: [{ name: 'b' }] },
    ],
    [
      'what is new holds neither nulls nor directives',
      {},
      { containers: [{ name: 'a', image: null, env: [{ name: 'A', $patch: 'delete' }] }] },
      { containers: [{ name: 'a', env: [] }] },
    ],
  ])('%s', (_, target, patch, merged) => {
    const before = structuredClone(target)
    expect(strategicMerge(target as never, patch as never)).toEqual(merged)
    expect(target).toEqual(before)
  })
})

describe('unknownDirective', () => {
  it.each<[object, string | undefined]>([
    [{ spec: { containers: [{ name: 'a', $patch: 'delete' }] } }, undefined],
    [{ spec: { containers: [{ name: 'a', $patch: 'drop' }] } }, '$patch: "drop"'],
    [{ '$deleteFromPrimitiveList/args': ['a'] }, '$deleteFromPrimitiveList/args: ["a"]'],
  ])('%j', (patch, unknown) => {
    expect(unknownDirective(patch)).toBe(unknown)
  })
})
