// Each rule on a workspace that is right but for one thing.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { fileFindings } from './file-rules.ts'
import { importFindings } from './import-rules.ts'
import { readSourceTree } from './source-tree.ts'

/** A package.json that declares what the package's files below import. */
function manifest(name: string, dependencies: readonly string[] = [], devDependencies: readonly string[] = []): string {
  const versions = (names: readonly string[]): object => Object.fromEntries(names.map((each) => [each, '*']))
  const exports = { '.': { source: './src/index.ts' } }
  return JSON.stringify({
    name,
    exports,
    dependencies: versions(dependencies),
    devDependencies: versions(devDependencies),
  })
}

const good: Readonly<Record<string, string>> = {
  'package.json': manifest('penstock', [], ['@jest/globals']),
  'packages/ir/package.json': manifest('@penstock/ir'),
  'packages/ir/src/index.ts': 'export { key } from "./key.ts"',
  'packages/ir/src/key.ts': 'export const key = 1 // never process.env, never Date.now()',
  'packages/bus/package.json': manifest('@penstock/bus', ['@penstock/ir', '@nats-io/kv'], ['@penstock/testkit']),
  'packages/bus/src/lease.ts': ['import { Kvm } from "@nats-io/kv"', 'import { key } from "@penstock/ir"'].join('\n'),
  'packages/bus/src/lease.test.ts': ['import { it } from "@jest/globals"', 'import "@penstock/testkit"'].join('\n'),
  'packages/testkit/package.json': manifest('@penstock/testkit'),
  'apps/watcher/package.json': manifest('@penstock/watcher', ['@penstock/bus', 'yaml']),
  'apps/watcher/src/main.ts': ['import {', '  a,', '} from "@penstock/bus"', 'import yaml from "yaml"'].join('\n'),
  'apps/translator/package.json': manifest('@penstock/translator'),
  'e2e/package.json': manifest('@penstock/e2e', [], ['@penstock/watcher']),
  'e2e/all.test.ts': 'import { watch } from "@penstock/watcher"',
}

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'penstock-rules-'))
})
afterEach(() => rmSync(root, { recursive: true }))

function findings(changes: Readonly<Record<string, string>>): readonly string[] {
  for (const [path, text] of Object.entries({ ...good, ...changes })) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  const tree = readSourceTree(root)
  return [...importFindings(tree), ...fileFindings(tree)].map(
    ({ file, line, sentence }) => `${file}${line ? `:${line}` : ''} ${sentence}`,
  )
}

describe('a workspace that keeps the rules', () => {
  it('has no findings', () => {
    expect(findings({})).toEqual([])
  })

  it('may hold anything in generated, compiled and installed files', () => {
    const bad = 'export * from "@grpc/grpc-js"'
    const files = ['packages/ir/src/gen/types.ts', 'packages/ir/dist/utils.js', 'packages/ir/node_modules/x/index.ts']
    expect(findings(Object.fromEntries(files.map((file) => [file, bad])))).toEqual([])
  })
})

const ir = 'packages/ir/src/key.ts'
const bus = 'packages/bus/src/more.ts'
const watcher = 'apps/watcher/src/more.ts'
const onTheFly = 'import' // apart, so that the rules do not take this file to mean it

describe('imports', () => {
  it.each([
    ['a layer that looks up', ir, 'import { a } from "@penstock/bus"', 'packages/ir may import no package of ours'],
    ['a layer that looks aside', bus, 'import { a } from "@penstock/xds"', 'which is no package of the workspace'],
    [
      'one import over several lines',
      ir,
      '\nimport {\n  a,\n} from "@penstock/bus"',
      ':4 imports @penstock/bus: packages/ir',
    ],
    [
      'an import on the fly',
      ir,
      `const a = await ${onTheFly}("@penstock/bus")`,
      ':1 imports @penstock/bus: packages/ir',
    ],
    ['a re-export', ir, 'export { a } from "@penstock/bus"', ':1 imports @penstock/bus: packages/ir'],
    [
      'an app that imports an app',
      watcher,
      'import "@penstock/translator"',
      'an app imports packages, never another app',
    ],
    ['testkit outside a test', bus, 'import "@penstock/testkit"', 'imports @penstock/testkit, which is for tests only'],
    ['NATS outside its door', watcher, 'import "@nats-io/kv"', 'only packages/bus may use NATS'],
    ['gRPC outside its door', bus, 'import "@grpc/grpc-js"', 'only packages/xds may use gRPC'],
    ['a logger outside its door', bus, 'import "pino"', 'only packages/service may use'],
    [
      'the Kubernetes client',
      watcher,
      'import "@kubernetes/client-node"',
      'only packages/kube may use the Kubernetes client',
    ],
    ['a file of another package', bus, 'import "../../ir/src/key.ts"', 'another package is imported by its name'],
    ['an undeclared package', bus, 'import "left-pad"', 'which packages/bus/package.json does not declare'],
    [
      'an undeclared package in a test',
      'e2e/b.test.ts',
      'import "left-pad"',
      'which e2e/package.json does not declare',
    ],
  ])('refuse %s', (_name, file, text, sentence) => {
    const found = findings({ [file]: text })
    expect(found.filter((each) => each.startsWith(file) && each.includes(sentence))).toHaveLength(1)
  })

  it('refuse a devDependency outside tests', () => {
    const changes = {
      'packages/ir/package.json': manifest('@penstock/ir', [], ['yaml']),
      [ir]: 'import "yaml"',
    }
    expect(findings(changes)).toEqual([`${ir}:1 imports yaml, which is only a devDependency of packages/ir`])
  })

  it('refuse a dependency that nothing imports', () => {
    const changes = { 'packages/ir/package.json': manifest('@penstock/ir', ['yaml'], ['typescript']) }
    expect(findings(changes)).toEqual(['packages/ir/package.json declares yaml, which nothing imports'])
  })

  it('refuse a package that the rules do not know', () => {
    const changes = {
      'packages/pipes/package.json': manifest('@penstock/pipes', ['@penstock/ir']),
      'packages/pipes/src/pipe.ts': 'import "@penstock/ir"',
    }
    expect(findings(changes)).toEqual([
      'packages/pipes/src/pipe.ts:1 imports @penstock/ir, but packages/pipes has no row in tools/check/rules.ts',
    ])
  })
})

describe('names', () => {
  it.each([
    ['packages/ir/src/utils.ts', '"utils.ts" says nothing: name it for the noun inside'],
    ['packages/ir/src/types.test.ts', '"types.test.ts" says nothing: name it for the noun inside'],
    ['packages/ir/src/common/key.ts', '"common" says nothing: name it for the noun inside'],
    ['packages/ir/src/key-helpers.ts', '"key-helpers.ts" says nothing: name it for the noun inside'],
    ['packages/ir/src/lease-manager.ts', '"lease-manager.ts" says nothing: name it for the noun inside'],
    ['packages/ir/src/recordKey.ts', '"recordKey.ts" is not in kebab-case'],
    ['packages/ir/src/keys/index.ts', 'index.ts stands only where the package exports it'],
  ])('refuse %s', (file, sentence) => {
    expect(findings({ [file]: '' })).toEqual([`${file} ${sentence}`])
  })

  it('allow infra-manager, and index.ts where the package exports it', () => {
    expect(findings({ 'apps/infra-manager/package.json': manifest('@penstock/infra-manager') })).toEqual([])
  })
})

describe('words', () => {
  it.each([
    [ir, 'const a = process.env["A"]', 'never from process.env'],
    [watcher, 'const a = process.env.A', 'never from process.env'],
    [ir, 'const a = Date.now() - 1', 'time is passed in'],
    [ir, 'const a = new Date()', 'time is passed in'],
    ['e2e/b.test.ts', 'export * from "./all.test.ts"', 'exports are named one by one'],
  ])('refuse in %s: %s', (file, text, sentence) => {
    const found = findings({ [file]: `\n${text}` })
    expect(found).toEqual([expect.stringContaining(`${file}:2 `)])
    expect(found[0]).toContain(sentence)
  })

  it.each([
    ['packages/bus/src/clock.ts', 'const now = Date.now()'],
    ['packages/ir/src/key.test.ts', 'const now = Date.now()'],
    ['apps/watcher/src/more.ts', 'const now = Date.now()'],
    [ir, 'const clock = given ?? Date.now'],
    [ir, 'const then = new Date(ms)'],
    [ir, '// Date.now() would be wrong here'],
    ['tools/more.ts', 'const a = process.env.A'],
  ])('allow in %s: %s', (file, text) => {
    const tools = { 'tools/package.json': manifest('@penstock/tools') }
    expect(findings({ ...tools, [file]: text })).toEqual([])
  })
})
