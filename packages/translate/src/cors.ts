// CORS (Gateway API: HTTPCORSFilter).
import type { Cors as CorsFilter } from '@penstock/gateway-api'
import type { Cors } from '@penstock/ir'

export function translateCors({
  allowOrigins = [],
  allowMethods = [],
  allowHeaders = [],
  exposeHeaders = [],
  maxAge,
  allowCredentials = false,
}: CorsFilter): Cors {
  return {
    allowOrigins: allowOrigins.map((origin) => origin.toLowerCase()),
    allowMethods: [...allowMethods],
    allowHeaders: [...allowHeaders],
    exposeHeaders: exposed(exposeHeaders, allowCredentials),
    maxAgeSeconds: maxAge,
    allowCredentials,
  }
}

/** To a request with credentials "*" would be the name of a header, and must not be said (HTTPCORSFilter.exposeHeaders). */
function exposed(headers: readonly string[], allowCredentials: boolean): string[] {
  if (!headers.includes('*')) return [...headers]
  return allowCredentials ? headers.filter((name) => name !== '*') : ['*']
}
