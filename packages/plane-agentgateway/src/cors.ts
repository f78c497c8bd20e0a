// CORS (Gateway API: HTTPCORSFilter). The proxy reads origins as we do: "*" as the host is any host, "*." before it any
// number of labels, and a scheme brings its port.
import type { Cors as CorsFilter } from '@penstock/ir'
import { duration } from './duration.ts'
import type { Cors } from './gen/agentgateway/policy.ts'

export const emitCors = ({ maxAgeSeconds, ...lists }: CorsFilter): Cors => ({
  ...lists,
  maxAge: duration(maxAgeSeconds * 1_000),
})
