// What a GatewayConfig lays over an object that is made: the last word, but for what makes the object ours and ties the
// objects of a fleet together. An overlay that changes that is refused as a whole, and what stands stays.
import { isDeepStrictEqual } from 'node:util'
import type { Overlay } from '@penstock/ir'
import type { PlainObject } from '@penstock/kube'
import { isObject, objectOf } from './json-merge.ts'
import { filesAnnotation, fleetAnnotation, identityAnnotation } from './owned-kinds.ts'
import { strategicMerge, unknownDirective } from './strategic-merge.ts'

type Path = readonly string[]

/** Beside all of metadata but labels and annotations. */
const kept: readonly Path[] = [
  ...[['apiVersion'], ['kind'], ['status']],
  ...[fleetAnnotation, identityAnnotation].map((annotation) => ['metadata', 'annotations', annotation]),
  ...[
    ['spec', 'selector'],
    ['spec', 'scaleTargetRef'],
  ],
  ['spec', 'template', 'metadata', 'annotations', filesAnnotation],
]

export interface OverlayOptions {
  /** Ours, on the object and on its pods. */
  readonly labels: readonly string[]
  /** More that it may not change. */
  readonly kept?: readonly Path[]
}

/** The object as it is laid over, or why it is not. */
export function overlaid(
  object: PlainObject,
  overlays: readonly Overlay[],
  options: OverlayOptions,
): { readonly body: PlainObject } | { readonly refused: string } {
  let body = object
  for (const { patchJson } of overlays) {
    const patch = objectOf(patchJson)
    const unknown = unknownDirective(patch)
    if (unknown !== undefined) return { refused: `its overlay has a directive that is not known, ${unknown}` }
    body = strategicMerge(body, patch)
  }
  const touched = keptPaths([object, body], options).find(
    (path) => !isDeepStrictEqual(valueAt(object, path), valueAt(body, path)),
  )
  return touched ? { refused: `its overlay may not change ${touched.join('.')}` } : { body }
}

function keptPaths(objects: readonly PlainObject[], options: OverlayOptions): Path[] {
  const own = objects
    .flatMap(({ metadata }) => Object.keys(isObject(metadata) ? metadata : {}))
    .filter((field) => field !== 'labels' && field !== 'annotations')
    .map((field) => ['metadata', field])
  const labels = options.labels.flatMap((label) => [
    ['metadata', 'labels', label],
    ['spec', 'template', 'metadata', 'labels', label],
  ])
  return [...kept, ...own, ...labels, ...(options.kept ?? [])]
}

const valueAt = (object: PlainObject, path: Path): unknown =>
  path.reduce<unknown>((value, field) => (isObject(value) ? value[field] : undefined), object)
