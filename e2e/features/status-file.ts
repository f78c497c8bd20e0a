// What the status-reporter wrote for one object.
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'

export interface StatusFile {
  readonly metadata: { readonly generation: number }
  readonly status: {
    readonly conditions?: readonly Condition[]
    readonly parents?: readonly { readonly conditions: readonly Condition[] }[]
    readonly listeners?: readonly { readonly attachedRoutes: number; readonly conditions: readonly Condition[] }[]
  }
}

export interface Condition {
  readonly type: string
  readonly status: string
  readonly reason: string
  readonly message: string
  readonly observedGeneration: number
  readonly lastTransitionTime: string
}

/** Undefined: there is none. */
export function readStatusFile(path: string): StatusFile | undefined {
  try {
    return parse(readFileSync(path, 'utf8')) as StatusFile
  } catch {
    return undefined
  }
}

/** Its own, or those of all its parents. */
export const allConditions = ({ status: { conditions = [], parents = [] } }: StatusFile): readonly Condition[] => [
  ...conditions,
  ...parents.flatMap((parent) => parent.conditions),
]
