// Objects of a release with one thing otherwise, to see who notices.
import type { KubeObject } from './release.ts'

export interface Change {
  /** `Deployment watcher`. */
  readonly of: string
  /** `spec.template.spec.containers.0.image`; a dot in a name is `~`. */
  readonly at: string
  /** Nothing: it is taken away. */
  readonly to?: unknown
}

export function changed(objects: readonly KubeObject[], { of, at, to }: Change): readonly KubeObject[] {
  const copy = structuredClone(objects)
  const object = copy.find(({ kind, metadata }) => `${kind} ${metadata.name}` === of)
  if (object === undefined) throw new Error(`no ${of}`)
  const path = at.split('.').map((key) => key.replaceAll('~', '.'))
  const last = path.pop() ?? ''
  const place = path.reduce(
    (above, key) => (above[key] ??= {}) as Record<string, unknown>,
    object as unknown as Record<string, unknown>,
  )
  if (to === undefined) delete place[last]
  else place[last] = to
  return copy
}
