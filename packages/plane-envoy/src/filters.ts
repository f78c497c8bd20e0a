// What each filter of a rule, or of one of its backends, does to a route. An entry is an emitter or `unsupported`; what
// the plane can do is computed from these tables (capabilities.ts).
import {
  type Cors,
  type HeaderEdit,
  type HttpFilter,
  type HttpFilterCase,
  type Mirror,
  type PathEdit,
  type Redirect,
  type Session,
  type UrlRewrite,
  unsupported,
} from '@penstock/ir'
import { hostEdit } from './header-edits.ts'

/** What the filters of one rule or backend add up to. */
export interface Effects {
  requestHeaders: HeaderEdit[]
  responseHeaders: HeaderEdit[]
  host?: string
  path?: PathEdit
  mirrors: Mirror[]
  cors?: Cors
  session?: Session
  /** The request ends here and reaches no backend. The first such filter counts. */
  end?: { readonly answer: number } | { readonly redirect: Redirect }
}

type FilterOf<C extends HttpFilterCase> = Extract<NonNullable<HttpFilter['filter']>, { $case: C }>['value']
type FilterTable = {
  readonly [C in HttpFilterCase]: ((value: FilterOf<C>, effects: Effects) => void) | typeof unsupported
}

export const ruleFilters: FilterTable = {
  requestHeaders: editRequest,
  responseHeaders: (edit, effects) => effects.responseHeaders.push(edit),
  redirect(redirect, effects) {
    effects.end ??= { redirect }
  },
  urlRewrite: rewrite,
  answer: endWith,
  mirror: (mirror, effects) => effects.mirrors.push(mirror),
  cors(cors, effects) {
    effects.cors = cors
  },
  session(session, effects) {
    effects.session = session
  },
}

export const backendFilters: FilterTable = {
  requestHeaders: editRequest,
  responseHeaders: (edit, effects) => effects.responseHeaders.push(edit),
  redirect: unsupported,
  urlRewrite: rewrite,
  answer: endWith,
  mirror: (mirror, effects) => effects.mirrors.push(mirror),
  // A preflight request is answered before a backend is chosen.
  cors: unsupported,
  session: unsupported,
}

export function applyFilters(filters: readonly HttpFilter[], table: FilterTable): Effects {
  const effects: Effects = { requestHeaders: [], responseHeaders: [], mirrors: [] }
  for (const { filter } of filters) {
    if (filter === undefined) throw new Error('a filter without a case: of a newer schema')
    const emit = table[filter.$case] as ((value: unknown, effects: Effects) => void) | typeof unsupported
    // The translator answers for what a plane lacks; should such a filter come here all the same, it is never skipped.
    if (emit === unsupported) endWith(500, effects)
    else emit(filter.value, effects)
  }
  return effects
}

function editRequest(edit: HeaderEdit, effects: Effects): void {
  effects.requestHeaders.push(edit)
  const host = hostEdit(edit)
  if (host !== undefined) effects.host ??= host
}

function rewrite({ hostname, path }: UrlRewrite, effects: Effects): void {
  if (hostname !== '') effects.host = hostname
  if (path !== undefined) effects.path = path
}

function endWith(answer: number, effects: Effects): void {
  effects.end ??= { answer }
}
