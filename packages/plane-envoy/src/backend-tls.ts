// TLS to backends (Gateway API: BackendTLSPolicy), and the certificate that a Gateway shows them. A cluster that is used
// through Gateways with a certificate of their own stands once for each of these; its name says for which.
import {
  type BackendTls,
  gatewayOfListener,
  type HttpRule,
  type TrustBundleReference,
  trustBundleKey,
  withBackends,
} from '@penstock/ir'
import { packAny } from './any.ts'
import { byAds } from './config-source.ts'
import type { TransportSocket } from './gen/envoy/config/core/v3/base.ts'
import {
  type CertificateValidationContext,
  type SubjectAltNameMatcher,
  SubjectAltNameMatcher_SanType,
} from './gen/envoy/extensions/transport_sockets/tls/v3/common.ts'
import { UpstreamTlsContext } from './gen/envoy/extensions/transport_sockets/tls/v3/tls.ts'

/** `client`: the key of the gateway whose certificate is shown. No key holds an "@". */
export const clusterName = (backend: string, client: string): string => `${backend}@${client}`

export function parseClusterName(name: string): { readonly backend: string; readonly client: string | undefined } {
  const [backend = '', client] = name.split('@')
  return { backend, client }
}

/** The rule as it is used through this listener: where its gateway has a certificate, by clusters that show it. */
export function asClient(rule: HttpRule, listener: string, showsCertificate: (gateway: string) => boolean): HttpRule {
  const gateway = gatewayOfListener(listener)
  return showsCertificate(gateway) ? withBackends(rule, (backend) => clusterName(backend, gateway)) : rule
}

/** Under this name a set of bundles is asked for. No key holds a "+". */
export const trustName = (bundles: readonly TrustBundleReference[]): string => bundles.map(trustBundleKey).join('+')

export const bundleKeys = (name: string): readonly string[] => name.split('+')

export function trustOf({ trust }: BackendTls): string | undefined {
  return trust?.$case === 'bundles' ? trustName(trust.value.bundles) : undefined
}

/** Where Debian, Alpine and Envoy's own images keep what the system trusts. */
const systemAuthorities = '/etc/ssl/certs/ca-certificates.crt'

export function emitUpstreamTls(
  tls: BackendTls,
  certificate: string | undefined,
  protocols: string[],
): TransportSocket {
  const names = tls.names.map(emitName)
  const trust = trustOf(tls)
  const type = 'envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext'
  const context: UpstreamTlsContext = {
    sni: tls.serverName,
    commonTlsContext: {
      alpnProtocols: protocols,
      ...(certificate === undefined
        ? {}
        : { tlsCertificateSdsSecretConfigs: [{ name: certificate, sdsConfig: byAds }] }),
      validationContextType: trust === undefined ? bySystem(names) : bySecret(trust, names),
    },
  }
  return {
    name: 'envoy.transport_sockets.tls',
    configType: { $case: 'typedConfig', value: packAny(type, UpstreamTlsContext, context) },
  }
}

type ValidationContext = NonNullable<UpstreamTlsContext['commonTlsContext']>['validationContextType']

const bySystem = (names: SubjectAltNameMatcher[]): ValidationContext => ({
  $case: 'validationContext',
  value: {
    trustedCa: { specifier: { $case: 'filename', value: systemAuthorities } },
    matchTypedSubjectAltNames: names,
  },
})

const bySecret = (name: string, names: SubjectAltNameMatcher[]): ValidationContext =>
  validateBySecret(name, { matchTypedSubjectAltNames: names })

/** The authorities come as a secret, so that a renewed one changes neither cluster nor listener. */
export const validateBySecret = (name: string, more: CertificateValidationContext) =>
  ({
    $case: 'combinedValidationContext',
    value: {
      defaultValidationContext: more,
      validationContextSdsSecretConfig: { name, sdsConfig: byAds },
    },
  }) as const

function emitName({ name }: BackendTls['names'][number]): SubjectAltNameMatcher {
  if (name === undefined) throw new Error('a subject name of a newer schema')
  const sanType = name.$case === 'uri' ? SubjectAltNameMatcher_SanType.URI : SubjectAltNameMatcher_SanType.DNS
  return { sanType, matcher: { matchPattern: { $case: 'exact', value: name.value } } }
}
