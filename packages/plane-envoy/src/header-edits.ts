// HTTPHeaderFilter in Envoy's words: what is removed goes first, then `set` replaces and `add` appends.
import type { HeaderEdit, HeaderValue } from '@penstock/ir'
import { type HeaderValueOption, HeaderValueOption_HeaderAppendAction } from './gen/envoy/config/core/v3/base.ts'

export interface HeaderEdits {
  readonly add: HeaderValueOption[]
  readonly remove: string[]
}

export function emitHeaderEdits(edits: readonly HeaderEdit[]): HeaderEdits {
  const { OVERWRITE_IF_EXISTS_OR_ADD, APPEND_IF_EXISTS_OR_ADD } = HeaderValueOption_HeaderAppendAction
  return {
    add: edits.flatMap((edit) => [
      ...edit.set.filter(isEditable).map((header) => option(header, OVERWRITE_IF_EXISTS_OR_ADD)),
      ...edit.add.filter(isEditable).map((header) => option(header, APPEND_IF_EXISTS_OR_ADD)),
    ]),
    remove: edits.flatMap((edit) => edit.remove.filter((name) => isEditable({ name }))),
  }
}

/** Envoy refuses to edit Host like another header; a rewrite of the host says the same. */
export function hostEdit(edit: HeaderEdit): string | undefined {
  return [...edit.add, ...edit.set].findLast((header) => !isEditable(header))?.value
}

const isEditable = ({ name }: { name: string }): boolean => name.toLowerCase() !== 'host'

function option({ name, value }: HeaderValue, appendAction: HeaderValueOption_HeaderAppendAction): HeaderValueOption {
  // A single % would begin one of Envoy's own variables.
  return { header: { key: name, value: value.replaceAll('%', '%%') }, appendAction }
}
