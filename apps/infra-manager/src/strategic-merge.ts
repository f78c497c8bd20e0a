// Kubernetes' strategic merge, for the objects that proxies are made of: objects are merged, null removes, lists whose
// elements have a key are merged by it, all other lists are replaced. `$patch: delete` removes an element or an object,
// `$patch: replace` keeps nothing of the one or the list that it stands in.
import { isObject } from './json-merge.ts'

type Plain = Readonly<Record<string, unknown>>

/** By the name of the list, as core/v1 and apps/v1 declare them; what makes an element the same one. */
const listKeys: Readonly<Record<string, (element: Plain) => unknown>> = {
  containers: ({ name }) => name,
  initContainers: ({ name }) => name,
  env: ({ name }) => name,
  volumes: ({ name }) => name,
  imagePullSecrets: ({ name }) => name,
  secrets: ({ name }) => name,
  volumeMounts: ({ mountPath }) => mountPath,
  volumeDevices: ({ devicePath }) => devicePath,
  topologySpreadConstraints: ({ topologyKey }) => topologyKey,
  hostAliases: ({ ip }) => ip,
  // Of a container or of a Service; one number may serve two protocols.
  ports: ({ containerPort, port, protocol = 'TCP' }) => `${String(containerPort ?? port)}/${String(protocol)}`,
}

const directive = '$patch'

export function strategicMerge(target: Plain, patch: Plain): Plain {
  if (patch[directive] === 'replace') return plain(patch)
  const merged: Record<string, unknown> = { ...target }
  for (const [name, change] of Object.entries(patch)) {
    if (name === directive) continue
    const value = mergedValue(name, target[name], change)
    if (value === undefined) delete merged[name]
    else merged[name] = value
  }
  return merged
}

/** The first one that is not known here: to the API server it would be a field. */
export function unknownDirective(patch: unknown): string | undefined {
  if (Array.isArray(patch)) return patch.map(unknownDirective).find((found) => found !== undefined)
  if (!isObject(patch)) return undefined
  for (const [name, value] of Object.entries(patch)) {
    const known = name === directive && ['delete', 'replace', 'merge'].includes(String(value))
    if (name.startsWith('$') && !known) return `${name}: ${JSON.stringify(value)}`
    const below = unknownDirective(value)
    if (below !== undefined) return below
  }
  return undefined
}

/** Undefined: it goes. */
function mergedValue(name: string, target: unknown, change: unknown): unknown {
  if (change === null) return undefined
  if (Array.isArray(change)) {
    const keyOf = listKeys[name]
    return keyOf && change.every(isObject) ? mergedList(Array.isArray(target) ? target : [], change, keyOf) : change
  }
  if (!isObject(change)) return change
  if (change[directive] === 'delete') return undefined
  return strategicMerge(isObject(target) ? target : {}, change)
}

function mergedList(target: readonly Plain[], changes: readonly Plain[], keyOf: (element: Plain) => unknown): Plain[] {
  const isReplaced = changes.some((change) => change[directive] === 'replace')
  const merged = isReplaced ? [] : [...target]
  for (const change of changes) {
    // `{ $patch: replace }` speaks of the list, not of an element.
    const { [directive]: said, ...rest } = change
    if (said === 'replace' && Object.keys(rest).length === 0) continue
    const at = merged.findIndex((element) => keyOf(element) === keyOf(change))
    if (said === 'delete') merged.splice(at, at < 0 ? 0 : 1)
    else if (at < 0) merged.push(plain(rest))
    else merged[at] = strategicMerge(merged[at] ?? {}, rest)
  }
  return merged
}

/** What is new has nothing to be merged with: its nulls and directives say nothing. */
const plain = (patch: Plain): Plain => {
  const { [directive]: _, ...rest } = patch
  return strategicMerge({}, rest)
}
