// What runs the proxies that INFRA wants, wherever that is: one implementation makes objects in Kubernetes, the other
// starts processes on this machine.
import type { Fault } from '@penstock/fault'
import type { Infra, Infrastructure } from '@penstock/ir'
import type { Logger } from '@penstock/telemetry'

export interface Provider extends AsyncDisposable {
  /** Undefined: the fleet is no more. */
  want(fleet: string, infra: Infra | undefined): void
  /** Everything that is wanted has been told. */
  begin(): void
}

/** What a provider says. */
export interface ProviderEvents {
  /** Undefined: the fleet is no more. */
  onInfrastructure(fleet: string, infrastructure: Infrastructure | undefined): void
  onFault(fault: Fault): void
  onSettled(): void
  readonly log: Logger
}
