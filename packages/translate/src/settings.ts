// What an installation decides once, before the first object is read.
import type { Capabilities } from '@penstock/ir'

export interface TranslationSettings {
  /** GatewayClasses that name it are ours. */
  readonly controllerName: string
  readonly capabilities: { readonly envoy: Capabilities }
  /** All our Gateways share this fleet; unset, each has its own, named `<namespace>~<name>`. */
  readonly fleet?: string
  /** How long before the end of a certificate its owner is warned; two weeks when left out. */
  readonly certificateWarningMs?: number
}
