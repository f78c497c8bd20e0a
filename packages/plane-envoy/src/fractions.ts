// Shares of requests. Envoy draws one number for each request and compares its remainder with every fraction that it meets.
// So fractions of one denominator that grow from route to route divide the requests between the routes, and fractions of
// another denominator cut across them.
import type { RuntimeFractionalPercent } from './gen/envoy/config/core/v3/base.ts'
import { FractionalPercent_DenominatorType } from './gen/envoy/type/v3/percent.ts'

const { TEN_THOUSAND, MILLION } = FractionalPercent_DenominatorType

export function fractionOfRoutes(part: number, whole: number): RuntimeFractionalPercent {
  return { defaultValue: { numerator: Math.round((part / whole) * 10_000), denominator: TEN_THOUSAND } }
}

export function fractionOfMirrors(part: number, whole: number): RuntimeFractionalPercent {
  return { defaultValue: { numerator: Math.round((part / whole) * 1_000_000), denominator: MILLION } }
}
