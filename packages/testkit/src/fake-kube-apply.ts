// Server-side apply, as much of it as our writers meet: who owns which leaf, conflicts, fields given up, and lists that
// merge by a key of their elements.
import type { KubeObject, ManagedFields } from './fake-kube-objects.ts'

type Plain = Record<string, unknown>

/** The lists that the real schemas declare as maps; all others are replaced whole. */
const listKeys: Readonly<Record<string, string>> = {
  conditions: 'type',
  listeners: 'name',
  supportedFeatures: 'name',
  ownerReferences: 'uid',
  ports: 'port',
  containers: 'name',
  volumes: 'name',
}

export interface Applied {
  readonly object: KubeObject
}

export interface ApplyConflict {
  readonly fields: readonly { readonly field: string; readonly manager: string }[]
}

export interface Application {
  readonly manager: string
  readonly force: boolean
  /** Only this part of the body counts; undefined: everything but status. */
  readonly subresource: string | undefined
}

export function applied(
  live: KubeObject,
  body: Plain,
  { manager, force, subresource }: Application,
): Applied | ApplyConflict {
  const wanted = subresource === undefined ? bodyParts(body) : { [subresource]: body[subresource] }
  const fields = leavesOf(wanted, '')
  const managed = live.metadata.managedFields ?? []
  const isOurs = (entry: ManagedFields): boolean =>
    entry.manager === manager && entry.operation === 'Apply' && entry.subresource === subresource
  const others = managed.filter((entry) => !isOurs(entry))
  const contested = fields.flatMap((field) =>
    others
      .filter((entry) => entry.fields.includes(field) && !sameAt(live, wanted, field))
      .map((entry) => ({ field, manager: entry.manager })),
  )
  if (contested.length > 0 && !force) return { fields: contested }
  const given = (managed.find(isOurs)?.fields ?? []).filter((field) => !fields.includes(field))
  const object = structuredClone(live) as KubeObject & Plain
  for (const field of given) {
    if (!others.some((entry) => entry.fields.includes(field))) removeAt(object, field)
  }
  mergeInto(object, wanted)
  const left = others.map((entry) => ({
    ...entry,
    fields: entry.fields.filter((field) => !contested.some((c) => c.field === field)),
  }))
  const own: ManagedFields = {
    manager,
    operation: 'Apply',
    fields,
    ...(subresource === undefined ? {} : { subresource }),
  }
  object.metadata.managedFields = [...left.filter((entry) => entry.fields.length > 0), own]
  return { object }
}

/** What of an object somebody owns, but for its status. */
export function bodyParts(body: Plain): Plain {
  const { status: _, apiVersion: _version, kind: _kind, metadata, ...rest } = body
  const { labels, annotations, finalizers, ownerReferences } = (metadata ?? {}) as Plain
  const kept = Object.fromEntries(
    Object.entries({ labels, annotations, finalizers, ownerReferences }).filter(([, value]) => value !== undefined),
  )
  return Object.keys(kept).length === 0 ? rest : { ...rest, metadata: kept }
}

/** Paths like `/status/conditions[type=Ready]/reason`, escaped as those of RFC 6901 section 3. */
export function leavesOf(value: unknown, path: string): string[] {
  const key = listKeys[path.slice(path.lastIndexOf('/') + 1)]
  if (Array.isArray(value) && key !== undefined) {
    return value.flatMap((element) => leavesOf(element, `${path}[${key}=${escaped(String((element as Plain)[key]))}]`))
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [path]
  return Object.entries(value).flatMap(([name, part]) => leavesOf(part, `${path}/${escaped(name)}`))
}

const escaped = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1').replaceAll('[', '~2')
const unescaped = (step: string): string => step.replaceAll('~2', '[').replaceAll('~1', '/').replaceAll('~0', '~')

/** Elements of lists begin with a bracket, which no name does that can be in one of our objects. */
const steps = (path: string): string[] =>
  path
    .split(/\/|(?=\[)/)
    .filter((step) => step !== '')
    .map(unescaped)

/** The leaves as the real one shows them (FieldsV1). */
export function fieldsV1(leaves: readonly string[]): Plain {
  const fields: Plain = {}
  for (const leaf of leaves) {
    let part = fields
    for (const step of steps(leaf)) part = (part[fieldName(step)] ??= {}) as Plain
  }
  return fields
}

function fieldName(step: string): string {
  if (!step.startsWith('[')) return `f:${step}`
  const [key = '', value] = step.slice(1, -1).split('=')
  return `k:${JSON.stringify({ [key]: value })}`
}

function at(value: unknown, path: string): unknown {
  return steps(path).reduce<unknown>((part, step) => child(part, step), value)
}

function child(part: unknown, step: string): unknown {
  if (!step.startsWith('[')) return (part as Plain | undefined)?.[step]
  const [key = '', wanted] = step.slice(1, -1).split('=')
  return (part as Plain[] | undefined)?.find((element) => String(element[key]) === wanted)
}

export const sameAt = (one: unknown, other: unknown, path: string): boolean =>
  JSON.stringify(at(one, path)) === JSON.stringify(at(other, path))

function removeAt(object: Plain, path: string): void {
  const all = steps(path)
  const last = all.pop() ?? ''
  const parent = all.reduce<unknown>(child, object)
  if (parent === undefined) return
  delete (parent as Plain)[last]
  // An element of a list that nobody has anything in goes as a whole.
  const element = all.pop()
  const key = element?.startsWith('[') ? element.slice(1).split('=')[0] : undefined
  if (key === undefined || (last !== key && (parent as Plain)[key] !== undefined)) return
  const list = all.reduce<unknown>(child, object) as Plain[]
  list.splice(list.indexOf(parent as Plain), 1)
}

function mergeInto(target: Plain, wanted: Plain): void {
  for (const [name, value] of Object.entries(wanted)) {
    const key = listKeys[name]
    if (Array.isArray(value) && key !== undefined) {
      target[name] = mergedList((target[name] ?? []) as Plain[], value as Plain[], key)
    } else if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      mergeInto((target[name] ??= {}) as Plain, value as Plain)
    } else {
      target[name] = structuredClone(value)
    }
  }
}

/** In the order that is applied; what only others have stays behind the element that it stood behind. */
function mergedList(list: readonly Plain[], wanted: readonly Plain[], key: string): Plain[] {
  const isWanted = ({ [key]: name }: Plain): boolean => wanted.some((element) => element[key] === name)
  const merged = wanted.map((element) => {
    const found = list.find((each) => each[key] === element[key])
    if (!found) return structuredClone(element)
    mergeInto(found, element)
    return found
  })
  for (const [index, element] of list.entries()) {
    const before = list[index - 1]
    if (!isWanted(element)) merged.splice(before ? merged.indexOf(before) + 1 : 0, 0, element)
  }
  return merged
}
