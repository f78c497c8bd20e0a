// Who wrote a field last, as the API server keeps it (server-side apply: field management, FieldsV1).
import type { ApiObject } from './api-object.ts'

/** The field managers that own the field: nobody does where it was written without the server keeping track. */
export function ownersOf({ metadata }: ApiObject, path: readonly string[]): string[] {
  const managers = metadata.managedFields ?? []
  return managers.filter(({ fieldsV1 }) => holds(fieldsV1, path)).map(({ manager = '' }) => manager)
}

function holds(fields: unknown, path: readonly string[]): boolean {
  let part = fields
  for (const name of path) {
    if (typeof part !== 'object' || part === null || !Object.hasOwn(part, `f:${name}`)) return false
    part = (part as Readonly<Record<string, unknown>>)[`f:${name}`]
  }
  return true
}
