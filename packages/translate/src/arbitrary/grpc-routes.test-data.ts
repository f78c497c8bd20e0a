// Arbitrary GRPCRoutes, with every match and every kind of filter of the specification.
import fc from 'fast-check'
import { documents, fields, hostname, listOf, maybe, mostly } from './document.test-data.ts'
import { filterOf, headers, named, parentRefs, repeatable } from './http-routes.test-data.ts'

const filters = fc.subarray(['request', 'response', 'repeated']).chain((chosen) =>
  fc.tuple(
    ...chosen.map((one) => {
      if (one === 'request') return filterOf('RequestHeaderModifier', 'requestHeaderModifier', headers)
      if (one === 'response') return filterOf('ResponseHeaderModifier', 'responseHeaderModifier', headers)
      return repeatable
    }),
  ),
)
const fewFilters = fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: filters })

const method = fc.constantFrom<object>(
  { service: 'a.B' },
  { service: 'a.B', method: 'Get' },
  { type: 'Exact', method: 'Get' },
  { type: 'RegularExpression', service: 'a\\..+', method: '^G.*' },
  { type: 'RegularExpression', method: 'Get|Set' },
  { type: 'RegularExpression', service: '(' },
)
const match = fields({
  method: maybe(method),
  headers: fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, named('X', 'x', 'Y')),
})

const backendRef = fields({
  name: mostly('v1', 'v2', 'none'),
  namespace: mostly<string | undefined>(undefined, 'a', 'b'),
  kind: mostly<string | undefined>(undefined, 'Service', 'Bucket'),
  port: mostly(80, 81, 82, 83),
  weight: mostly<number | undefined>(undefined, 0, 3),
  filters: fewFilters,
})

const rule = fields({
  matches: maybe(listOf(match, 0, 2)),
  filters: fewFilters,
  backendRefs: maybe(listOf(backendRef, 1, 2)),
  sessionPersistence: mostly<object | undefined>(undefined, { type: 'Cookie', cookie: { name: 's' } }),
})

export const grpcRoutes = documents(
  'GRPCRoute',
  ['web', 'calls'],
  fields({
    spec: fields({
      parentRefs,
      hostnames: maybe(listOf(hostname, 0, 2)),
      rules: maybe(listOf(rule, 1, 2)),
      useDefaultGateways: mostly<string | undefined>(undefined, 'All'),
    }),
  }),
)
