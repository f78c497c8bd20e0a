// HTTPRequestMirrorFilter (Gateway API) in Envoy's words.
import type { Mirror } from '@penstock/ir'
import { fractionOfMirrors } from './fractions.ts'
import type { RouteAction_RequestMirrorPolicy } from './gen/envoy/config/route/v3/route_components.ts'

export function emitMirror({ backend, numerator, denominator }: Mirror): RouteAction_RequestMirrorPolicy {
  return {
    cluster: backend,
    // The copy is to be the request, the host included.
    disableShadowHostSuffixAppend: true,
    ...(numerator === denominator ? {} : { runtimeFraction: fractionOfMirrors(numerator, denominator) }),
  }
}
