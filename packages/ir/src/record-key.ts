// The text of every record's key: tokens joined by "/", which no Kubernetes name contains, so it is reversible.
// The bus turns a text into a subject; the engine and the planes use the text as it is.
import type { Backend, Endpoints } from './gen/penstock/ir/v1/backend.ts'
import type { Certificate } from './gen/penstock/ir/v1/certificate.ts'
import type { Fleet, Gateway } from './gen/penstock/ir/v1/fleet.ts'
import type { HttpRule } from './gen/penstock/ir/v1/http_rule.ts'
import type { Listener } from './gen/penstock/ir/v1/listener.ts'
import type { Source } from './gen/penstock/ir/v1/source.ts'
import type { TrustBundle } from './gen/penstock/ir/v1/trust_bundle.ts'
import type { IrKind } from './ir-record.ts'

/** `fleet/<name>` */
export const fleetKey = (fleet: Pick<Fleet, 'name'>): string => `fleet/${fleet.name}`

/** `gateway/<namespace>/<name>` */
export const gatewayKey = (gateway: Pick<Gateway, 'namespace' | 'name'>): string =>
  `gateway/${gateway.namespace}/${gateway.name}`

/** `listener/<gateway namespace>/<gateway>/<owner kind>/<owner namespace>/<owner>/<section>` */
export const listenerKey = (
  l: Pick<Listener, 'gatewayNamespace' | 'gatewayName' | 'ownerKind' | 'ownerNamespace' | 'ownerName' | 'section'>,
): string =>
  ['listener', l.gatewayNamespace, l.gatewayName, l.ownerKind, l.ownerNamespace, l.ownerName, l.section].join('/')

/** The key of the gateway that a listener's key names. */
export function gatewayOfListener(listener: string): string {
  const [, namespace = '', name = ''] = listener.split('/')
  return gatewayKey({ namespace, name })
}

/** `http_rule/<route kind>/<namespace>/<name>/<rule>` */
export const httpRuleKey = (source: Pick<Source, 'kind' | 'namespace' | 'name'>, rule: HttpRule['rule']): string =>
  `http_rule/${source.kind}/${source.namespace}/${source.name}/${rule}`

/** `backend/<kind>/<namespace>/<name>/<port>/<variant>` */
export const backendKey = (b: Pick<Backend, 'kind' | 'namespace' | 'name' | 'port' | 'variant'>): string =>
  `backend/${b.kind}/${b.namespace}/${b.name}/${b.port}/${b.variant}`

/** `endpoints/<namespace>/<EndpointSlice>` */
export const endpointsKey = (e: Pick<Endpoints, 'namespace' | 'name'>): string => `endpoints/${e.namespace}/${e.name}`

/** `certificate/<namespace>/<name>` */
export const certificateKey = (c: Pick<Certificate, 'namespace' | 'name'>): string =>
  `certificate/${c.namespace}/${c.name}`

/** `trust_bundle/<kind>/<namespace>/<name>` */
export const trustBundleKey = (b: Pick<TrustBundle, 'kind' | 'namespace' | 'name'>): string =>
  `trust_bundle/${b.kind}/${b.namespace}/${b.name}`

/** `<group>/<kind>/<namespace>/<name>`: the key of a RESOURCE or STATUS record; core group and cluster scope are empty. */
export const sourceKey = (source: Pick<Source, 'group' | 'kind' | 'namespace' | 'name'>): string =>
  `${source.group}/${source.kind}/${source.namespace}/${source.name}`

/** The kind of the IR record that a key names. */
export const kindOf = (key: string): IrKind => key.slice(0, key.indexOf('/')) as IrKind
