// Every backend that a rule sends requests or copies of them to, so that nobody forgets one of the places.
import type { HttpFilter } from './gen/penstock/ir/v1/http_filter.ts'
import type { HttpRule } from './gen/penstock/ir/v1/http_rule.ts'

/** Keys of backend records; some may come twice. */
export function backendsNamedBy({ filters, backends }: Pick<HttpRule, 'filters' | 'backends'>): string[] {
  return [
    ...backends.flatMap(({ target }) => (target?.$case === 'backend' ? [target.value] : [])),
    ...[...filters, ...backends.flatMap((backend) => backend.filters)].flatMap(mirrorOf),
  ]
}

const mirrorOf = ({ filter }: HttpFilter): string[] => (filter?.$case === 'mirror' ? [filter.value.backend] : [])

/** The rule with `rename` in place of every one of them. */
export function withBackends(rule: HttpRule, rename: (backend: string) => string): HttpRule {
  const inFilters = (filters: readonly HttpFilter[]): HttpFilter[] =>
    filters.map((one) => {
      const { filter } = one
      if (filter?.$case !== 'mirror') return one
      return { filter: { ...filter, value: { ...filter.value, backend: rename(filter.value.backend) } } }
    })
  const backends = rule.backends.map(({ filters, target, ...share }) => ({
    ...share,
    filters: inFilters(filters),
    target: target?.$case === 'backend' ? { ...target, value: rename(target.value) } : target,
  }))
  return { ...rule, filters: inFilters(rule.filters), backends }
}
