// How a Gateway has the HTTPS listeners of a port ask their clients for certificates (Gateway API: GatewaySpec.tls.frontend).
// What it says of a port replaces the default as a whole.
import type { GatewayTlsFrontend, ObjectReference } from '@penstock/gateway-api'

/** What a plane that can do it calls it. */
export const validationFeature = 'GatewayFrontendClientCertificateValidation'

/** As the Gateway asks for it. */
export interface ClientValidationClaim {
  readonly refs: readonly ObjectReference[]
  readonly insecureFallback: boolean
}

/** Where clients are let in without a valid certificate, as a sentence goes on: `on port 443`. */
export function laxPlaces(frontend: GatewayTlsFrontend | undefined): readonly string[] {
  const isLax = (tls: { readonly validation?: { readonly mode?: string } } | undefined): boolean =>
    tls?.validation?.mode === 'AllowInsecureFallback'
  const ports = (frontend?.perPort ?? []).filter(({ tls }) => isLax(tls)).map(({ port }) => `on port ${port}`)
  return isLax(frontend?.default) ? ['by default', ...ports] : ports
}

export function claimClientValidation(
  frontend: GatewayTlsFrontend | undefined,
  port: number,
): ClientValidationClaim | undefined {
  const ofPort = frontend?.perPort?.find((entry) => entry.port === port)?.tls
  const validation = (ofPort ?? frontend?.default)?.validation
  return (
    validation && {
      refs: validation.caCertificateRefs,
      insecureFallback: validation.mode === 'AllowInsecureFallback',
    }
  )
}
