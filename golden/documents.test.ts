// The pages of docs, README.md and charts: every object that one shows is what an API server would store, whichever channel
// of the Gateway API it has; the objects of a page on moving to Penstock do what the page says they do, and a field that
// such a page names is there, in both channels unless its line says otherwise.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { groupOf, kindInfo, type Resource, resourceKey } from '@penstock/gateway-api'
import { definitionOf, type Schema } from '@penstock/gateway-api/admission'
import type { Status } from '@penstock/ir'
import { agentgatewayCapabilities } from '@penstock/plane-agentgateway'
import { envoyCapabilities } from '@penstock/plane-envoy'
import { createTranslation } from '@penstock/translate'
import { parseAllDocuments } from 'yaml'
import { admission, defaults, nowMs } from './load-case.ts'

const root = join(import.meta.dirname, '..')
const pages = globSync(['README.md', 'docs/**/*.md', 'charts/**/*.md', 'e2e/**/README.md', 'packages/*/*.md'], {
  cwd: root,
  exclude: (name) => name.includes('node_modules'),
}).sort()

interface Shown {
  readonly page: string
  readonly line: number
  readonly document: Readonly<Record<string, unknown>>
}

/** YAML fences that quote no file of ours, and what commands are fed. */
function objectsOf(page: string): Shown[] {
  const text = readFileSync(join(root, page), 'utf8')
  const blocks = text.matchAll(/^```ya?ml\n([^]*?)^```$|<<'?END'?\n([^]*?)^END$/gm)
  return [...blocks].flatMap(({ 1: fenced, 2: fed, index }) => {
    const line = text.slice(0, index).split('\n').length
    return parseAllDocuments(fenced ?? fed ?? '').flatMap((document) => {
      const parsed: unknown = document.errors.length > 0 ? { errors: document.errors.map(String) } : document.toJS()
      // Values of a chart name no kind; helm judges them.
      const isObject = typeof parsed === 'object' && parsed !== null && ('kind' in parsed || 'errors' in parsed)
      return isObject ? [{ page, line, document: parsed }] : []
    })
  })
}

/** Groups whose kinds a page may show though Penstock does not read them. */
const foreign: readonly RegExp[] = [
  /^(apps|batch|networking\.k8s\.io|policy|autoscaling|rbac\.authorization\.k8s\.io)$/,
  /^(cert-manager\.io|monitoring\.coreos\.com|trust\.cert-manager\.io)$/,
  /^(gateway\.envoyproxy\.io|gateway\.kgateway\.dev)$/,
]

const isForeign = ({ document }: Shown): boolean =>
  foreign.some((group) => group.test(groupOf(String(document['apiVersion']))))

const shown = pages.flatMap(objectsOf)
const ours = shown.filter((one) => !isForeign(one))
const named = ({ page, line, document }: Shown) => ({ where: `${page}:${line}`, kind: document['kind'], document })

describe('an object that a page shows', () => {
  it.each(ours.map(named))('$where, $kind: is admitted', ({ document }) => {
    expect(admission.admit(document)).toEqual({ object: expect.anything() })
  })

  it.each(ours.map(named))('$where, $kind: is the same in the standard channel', ({ document }) => {
    const absent = absentFrom(String(document['apiVersion']), String(document['kind']))
    expect(absent.filter((place) => holds(document, partsOf(place)))).toEqual([])
  })
})

const migrations = pages.filter((page) => page.startsWith('docs/migrate/'))

describe.each(migrations)('%s', (page) => {
  it('shows objects that Penstock takes as they are', () => {
    const objects = ours.filter((one) => one.page === page).map(({ document }) => admitted(document))
    const statuses = translated(objects)
    expect(untrue(statuses)).toEqual([])
    expect(new Set(statuses.filter(({ parents }) => parents.length > 0).map(({ source }) => source?.name))).toEqual(
      new Set(objects.filter(isForPenstock(objects)).map(({ metadata }) => metadata.name)),
    )
  })

  it('names fields that are there', () => {
    const text = readFileSync(join(root, page), 'utf8')
    const fields = [...text.matchAll(/`(\w+)\.(spec\.[\w.[\]]+)`/g)].map(([, kind = '', path = '']) => ({ kind, path }))
    expect(fields.length).toBeGreaterThan(10)
    expect(fields.filter(({ kind, path }) => !hasField(kind, path))).toEqual([])
  })

  it('says of a field that the standard channel lacks it', () => {
    const silent = readFileSync(join(root, page), 'utf8')
      .split('\n')
      .filter((line) => !line.includes('experimental channel'))
    const names = silent.flatMap((line) => [...line.matchAll(/`(\w+)\.(spec\.[\w.[\]]+)`/g)])
    expect(names.filter(([, kind = '', path = '']) => isExperimental(kind, path)).map(([name]) => name)).toEqual([])
  })
})

function admitted(document: unknown): Resource {
  const answer = admission.admit(document)
  if ('refused' in answer) throw new Error(JSON.stringify(answer.refused))
  return answer.object
}

interface Attaching extends Resource {
  readonly spec?: { readonly gatewayClassName?: string; readonly parentRefs?: readonly { readonly name: string }[] }
}

/** A route with a parent that is ours: a page also shows what was before. */
function isForPenstock(objects: readonly Attaching[]): (object: Attaching) => boolean {
  const gateways = objects.filter(({ spec }) => spec?.gatewayClassName === 'penstock')
  const parents = new Set(gateways.map(({ metadata }) => metadata.name))
  return ({ spec }) => (spec?.parentRefs ?? []).some(({ name }) => parents.has(name))
}

/** With all that the objects refer to, so that what remains is what Penstock does not do. */
function translated(objects: readonly Resource[]): readonly Status[] {
  const translation = createTranslation({
    controllerName: 'penstock.dev/gateway-controller',
    capabilities: { envoy: envoyCapabilities, agentgateway: agentgatewayCapabilities },
    plane: 'envoy',
  })
  const all = new Map([...defaults, ...objects.flatMap(referred), ...objects.map(keyed)])
  translation.apply(
    [...all].map(([key, value]) => ({ key, value })),
    nowMs,
  )
  return [...translation.graph.values(translation.status).values()]
}

const keyed = (object: Resource): [string, Resource] => [resourceKey(object), object]

/** Services, certificates and authorities by the names that stand in the object. */
function referred(object: Resource): [string, Resource][] {
  const { namespace = 'default' } = object.metadata
  const found: [string, Resource][] = []
  JSON.stringify(object, (field, value: unknown) => {
    const references = Array.isArray(value) ? value : [value]
    const copied = { backendRefs: 'Service', certificateRefs: 'Secret', caCertificateRefs: 'ConfigMap' }[field]
    if (field === 'backendRef' || copied !== undefined) {
      for (const reference of references as { name: string; namespace?: string; port?: number }[]) {
        found.push(keyed(standIn(copied ?? 'Service', { namespace, ...reference })))
      }
    }
    return value
  })
  return found
}

function standIn(
  kind: string,
  { name, namespace, port }: { name: string; namespace: string; port?: number },
): Resource {
  const [, model] = defaults.find(([, object]) => object.kind === kind) ?? []
  if (!model) throw new Error(`no ${kind} among the defaults of the golden cases`)
  const copy = { ...model, metadata: { ...model.metadata, name, namespace } }
  return kind === 'Service' ? Object.assign(copy, { spec: { ports: [{ port, protocol: 'TCP' }] } }) : copy
}

/** What is not as it should be, in words. */
function untrue(statuses: readonly Status[]): string[] {
  return statuses.flatMap(({ source, conditions, parents, listeners }) =>
    [conditions, ...parents.map((parent) => parent.conditions), ...listeners.map((listener) => listener.conditions)]
      .flat()
      .filter(({ type, status }) => status === (type === 'Conflicted' || type === 'PartiallyInvalid'))
      .map(({ type, reason, message }) => `${source?.kind} ${source?.name} ${type} ${reason}: ${message}`),
  )
}

const generated = join(root, 'packages/gateway-api/gen/experimental.json')
const experimental = JSON.parse(readFileSync(generated, 'utf8')) as Readonly<Record<string, readonly string[]>>

/** Places that the experimental channel alone has, an empty one for the kind itself. */
const absentFrom = (apiVersion: string, kind: string): readonly string[] => experimental[`${apiVersion} ${kind}`] ?? []

const partsOf = (place: string): string[] => (place === '' ? [] : place.replaceAll('[]', '.[]').split('.'))

function holds(value: unknown, [name, ...rest]: readonly string[]): boolean {
  if (name === undefined) return value !== undefined
  if (name === '[]') return Array.isArray(value) && value.some((item) => holds(item, rest))
  return typeof value === 'object' && value !== null && holds((value as Record<string, unknown>)[name], rest)
}

function isExperimental(kind: string, path: string): boolean {
  const places = absentFrom('gateway.networking.k8s.io/v1', kind)
  return places.some((place) => partsOf(place).every((part, index) => partsOf(path)[index] === part))
}

const groups = ['gateway.networking.k8s.io', 'penstock.dev', '']

function hasField(kind: string, path: string): boolean {
  const info = groups.flatMap((group) => kindInfo(group, kind) ?? [])[0]
  const schema = info && definitionOf(info, info.versions[0])?.schema
  return schema !== undefined && fieldOf(schema, partsOf(path)) !== undefined
}

function fieldOf(schema: Schema, [name, ...rest]: readonly string[]): Schema | undefined {
  if (name === undefined) return schema
  const next = name === '[]' ? schema.items : schema.properties?.[name]
  return next && fieldOf(next, rest)
}
