// What a mistake is: objects in place of the culprit's good ones, what their owner is told, and what becomes of the requests
// to the culprit. Nothing is said of its neighbours, since there is nothing to say.
import type { Manifest } from '../manifests.ts'
import type { Ports } from './culprit.ts'

export interface Mistake {
  readonly name: string
  /** Those of the same kind and name are replaced, the others are added. */
  objects(ports: Ports): readonly Manifest[]
  /** Names of kinds and objects that are missing, such as `Secret culprit`. */
  readonly without?: readonly string[]
  /** `HTTPRoute culprit`, or `Gateway other/https` for a listener: conditions with their states, `False BackendNotFound`. */
  readonly says?: Readonly<Record<string, Conditions>>
  /** Said in the log, of a document that did not get as far as a status. */
  readonly refused?: RegExp
  /** Default: as without the mistake. */
  readonly plain?: Answer
  readonly secure?: Answer
}

export type Conditions = Readonly<Record<string, string>>

/** The status of an answer; `closed`: there is none. */
export type Answer = number | 'closed'

type Named = Manifest & { readonly metadata: { readonly name: string } }

const nameOf = (manifest: Manifest): string => `${manifest['kind']} ${(manifest as Named).metadata.name}`

/** The culprit's objects, with the mistake. */
export function withMistake(good: readonly Manifest[], mistake: Mistake, ports: Ports): readonly Manifest[] {
  const objects = mistake.objects(ports)
  const gone = new Set([...objects.map(nameOf), ...(mistake.without ?? [])])
  return [...good.filter((manifest) => !gone.has(nameOf(manifest))), ...objects]
}
