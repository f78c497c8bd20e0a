// The places of a document, each with what its schema says of it, and how to change one.
import type { Schema } from '@penstock/gateway-api/admission'
import { isPlain } from './verdict.ts'

export type Step = string | number

export interface Place {
  readonly path: readonly Step[]
  readonly value: unknown
  /** Undefined: the schema knows nothing of it. */
  readonly schema: Schema | undefined
}

/** Every place below and including this one. */
export function placesBelow(place: Place): Place[] {
  const { path, value, schema } = place
  const children: Place[] = Array.isArray(value)
    ? value.map((element: unknown, index) => ({ path: [...path, index], value: element, schema: schema?.items }))
    : Object.entries(isPlain(value) ? value : {}).map(([name, entry]) => ({
        path: [...path, name],
        value: entry,
        schema: schemaOfField(schema, name),
      }))
  return [place, ...children.flatMap(placesBelow)]
}

export function schemaOfField(schema: Schema | undefined, name: string): Schema | undefined {
  const { properties, additionalProperties } = schema ?? {}
  if (properties && Object.hasOwn(properties, name)) return properties[name]
  return typeof additionalProperties === 'object' ? additionalProperties : undefined
}

type Container = Record<string, unknown> | unknown[]

/** A copy of the document after `change` got what holds the place, and the last step to it. The whole has no holder. */
export function changedAt(
  document: unknown,
  path: readonly Step[],
  change: (holder: Container, last: Step) => void,
): unknown {
  const holder = [structuredClone(document)]
  const steps: Step[] = [0, ...path]
  let at: unknown = holder
  for (const step of steps.slice(0, -1)) at = (at as Record<Step, unknown>)[step]
  change(at as Container, steps.at(-1) as Step)
  return holder[0]
}

export function replaced(document: unknown, path: readonly Step[], value: unknown): unknown {
  return changedAt(document, path, (holder, last) => {
    if (Array.isArray(holder)) holder[last as number] = value
    // Not by assignment: "__proto__" is a name like any other.
    else Object.defineProperty(holder, last, { value, enumerable: true, configurable: true, writable: true })
  })
}
