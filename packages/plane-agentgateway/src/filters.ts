// What each filter of a rule, or of one of its backends, is for the proxy. An entry is an emitter or `unsupported`; what the
// plane can do is computed from these tables (capabilities.ts).
import { type HttpFilter, type HttpFilterCase, type UrlRewrite as Rewrite, unsupported } from '@penstock/ir'
import { emitCors } from './cors.ts'
import type { BackendPolicySpec, Mirror, TrafficPolicySpec, UrlRewrite } from './gen/agentgateway/policy.ts'
import type { BackendReference } from './gen/agentgateway/reference.ts'
import { emitPathEdit } from './path-edits.ts'
import { emitRedirect, type Site } from './redirects.ts'

/** What a filter can need to know. */
export interface FilterContext {
  readonly site: Site
  /** `backend`: the key of its record. */
  referTo(backend: string): BackendReference
}

type FilterOf<C extends HttpFilterCase> = Extract<NonNullable<HttpFilter['filter']>, { $case: C }>['value']
type Emit<C extends HttpFilterCase, E> = (value: FilterOf<C>, context: FilterContext) => E
export type FilterTable<E> = {
  readonly [C in Exclude<HttpFilterCase, 'answer'>]: Emit<C, E> | typeof unsupported
} & { readonly answer: (status: number) => E }

type RuleEffect = NonNullable<TrafficPolicySpec['kind']>
/** A backend with an answer is none: its share of the requests gets this status. */
type BackendEffect = NonNullable<BackendPolicySpec['kind']> | { readonly $case: 'answer'; readonly value: number }

export const ruleFilters: FilterTable<RuleEffect> = {
  requestHeaders: (edit) => ({ $case: 'requestHeaderModifier', value: edit }),
  responseHeaders: (edit) => ({ $case: 'responseHeaderModifier', value: edit }),
  redirect: (redirect, { site }) => ({ $case: 'requestRedirect', value: emitRedirect(redirect, site) }),
  urlRewrite: (rewrite) => ({ $case: 'urlRewrite', value: emitRewrite(rewrite) }),
  answer: (status) => ({ $case: 'directResponse', value: { status } }),
  mirror: (mirror, context) => ({ $case: 'requestMirror', value: { mirrors: [emitMirror(mirror, context)] } }),
  cors: (cors) => ({ $case: 'cors', value: emitCors(cors) }),
  // The proxy keeps no client at an endpoint.
  session: unsupported,
}

export const backendFilters: FilterTable<BackendEffect> = {
  requestHeaders: (edit) => ({ $case: 'requestHeaderModifier', value: edit }),
  responseHeaders: (edit) => ({ $case: 'responseHeaderModifier', value: edit }),
  // The proxy can redirect one share of a rule's requests. Envoy cannot, and a route answers the same on both.
  redirect: unsupported,
  // Policies of backends have no such case.
  urlRewrite: unsupported,
  answer: (status) => ({ $case: 'answer', value: status }),
  mirror: (mirror, context) => ({ $case: 'requestMirror', value: { mirrors: [emitMirror(mirror, context)] } }),
  cors: unsupported,
  session: unsupported,
}

/** The policies of a rule's filters. The first that ends a request counts; all mirrors are one policy. */
export function emitRuleFilters(filters: readonly HttpFilter[], context: FilterContext): RuleEffect[] {
  const effects = applyTable(filters, ruleFilters, context)
  const end = effects.find(endsRequest)
  return mergeMirrors(effects.filter((effect) => effect === end || !endsRequest(effect)))
}

export interface BackendEffects {
  readonly policies: NonNullable<BackendPolicySpec['kind']>[]
  /** The status that its share gets instead. */
  readonly answer?: number
}

export function emitBackendFilters(filters: readonly HttpFilter[], context: FilterContext): BackendEffects {
  const effects = applyTable(filters, backendFilters, context)
  const answer = effects.find((effect) => effect.$case === 'answer')
  const policies = mergeMirrors(effects.filter((effect) => effect.$case !== 'answer'))
  return answer === undefined ? { policies } : { policies, answer: answer.value }
}

function applyTable<E>(filters: readonly HttpFilter[], table: FilterTable<E>, context: FilterContext): E[] {
  return filters.map(({ filter }) => {
    if (filter === undefined) throw new Error('a filter without a case: of a newer schema')
    const emit = table[filter.$case] as Emit<HttpFilterCase, E> | typeof unsupported
    // The translator answers for what a plane lacks; should such a filter come here all the same, it is never skipped.
    return emit === unsupported ? table.answer(500) : emit(filter.value, context)
  })
}

const endsRequest = ({ $case }: RuleEffect): boolean => $case === 'directResponse' || $case === 'requestRedirect'

/** In place of the first of them. */
function mergeMirrors<E extends RuleEffect | NonNullable<BackendPolicySpec['kind']>>(effects: readonly E[]): E[] {
  const mirrors = effects.flatMap((effect): Mirror[] =>
    effect.$case === 'requestMirror' ? (effect.value.mirrors ?? []) : [],
  )
  const first = effects.find((effect) => effect.$case === 'requestMirror')
  return effects
    .filter((effect) => effect.$case !== 'requestMirror' || effect === first)
    .map((effect) => (effect === first ? { ...effect, value: { mirrors } } : effect))
}

function emitRewrite({ hostname, path }: Rewrite): UrlRewrite {
  const edited = emitPathEdit(path)
  return { ...(hostname === '' ? {} : { host: hostname }), ...(edited === undefined ? {} : { path: edited }) }
}

const emitMirror = ({ backend, numerator, denominator }: FilterOf<'mirror'>, { referTo }: FilterContext): Mirror => ({
  backend: referTo(backend),
  percentage: (numerator * 100) / denominator,
})
