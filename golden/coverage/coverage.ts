// What the corpus should show, what it shows, and what is said of the rest.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Resource } from '@penstock/gateway-api'
import { parse, parseAllDocuments } from 'yaml'
import { casesFolder } from '../load-case.ts'
import { conditionsOf, shownConditions } from './conditions.ts'
import { exceptions } from './exceptions.ts'
import { formsIn, openValues } from './open-values.ts'
import { fieldsOf, written } from './schema-fields.ts'

export interface Coverage {
  /** Neither a case nor an exception. */
  readonly missing: readonly string[]
  /** Exceptions that excuse nothing: all that they name has a case, or it is in no list. */
  readonly needless: readonly string[]
  /** Conditions in a status.yaml that are not in the vocabulary. */
  readonly unknown: readonly string[]
}

const kinds = [
  'GatewayClass',
  'Gateway',
  'ListenerSet',
  'HTTPRoute',
  'GRPCRoute',
  'BackendTLSPolicy',
  'ReferenceGrant',
  'GatewayConfig',
]
const owners = [
  'GatewayClass',
  'Gateway',
  'Listener',
  'ListenerSet',
  'ListenerEntry',
  'RouteParent',
  'BackendTLSPolicy',
] as const

export function coverageOf(cases: readonly string[]): Coverage {
  const vocabulary = conditionsOf(owners)
  const statuses = cases.flatMap((name) => [...shownConditions(yamlOf(name, 'status.yaml'))])
  const shown = new Set([...statuses, ...defaultDocuments.flatMap(wordsOf), ...cases.flatMap(wordsOfCase)])
  const demanded = [...vocabulary, ...kinds.flatMap(fieldsOf), ...openValues, ...conformanceTests()]
  const without = demanded.filter((demand) => !shown.has(demand))
  const excused = Object.keys(exceptions)
  return {
    missing: without.filter((demand) => !excused.some((start) => demand.startsWith(start))),
    needless: excused.filter((start) => !without.some((demand) => demand.startsWith(start))),
    unknown: [...new Set(statuses.filter((condition) => !vocabulary.includes(condition)))].sort(),
  }
}

const documentsIn = (path: string): readonly Resource[] =>
  parseAllDocuments(readFileSync(path, 'utf8')).map((document) => document.toJS() as Resource)

const defaultDocuments = documentsIn(join(casesFolder, '_defaults.yaml'))

function yamlOf<T>(name: string, file: string): T {
  return parse(readFileSync(join(casesFolder, name, file), 'utf8')) as T
}

function wordsOfCase(name: string): readonly string[] {
  return [conformanceTest(name), ...documentsIn(join(casesFolder, name, 'input.yaml')).flatMap(wordsOf)]
}

function wordsOf(document: Resource): readonly string[] {
  const { apiVersion: _, kind, metadata: __, ...content } = document as Resource & Record<string, unknown>
  const fields = Object.entries(content).flatMap(([name, value]) => [...written(value, `${kind} ${name}`)])
  return [...fields, ...formsIn(document)]
}

/** Every test of the official suite is a case of the same name. */
function conformanceTests(): readonly string[] {
  const list = readFileSync(join(import.meta.dirname, '../../e2e/conformance/expected.txt'), 'utf8')
  return list
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => conformanceTest(line.slice(0, line.indexOf(' '))))
}

/** In the name of a case, words are apart and in lower case. */
const conformanceTest = (name: string): string => `conformance test ${name.replaceAll('-', '').toLowerCase()}`
