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
