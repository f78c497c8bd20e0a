// Proxies as processes of this machine, one for each Gateway, on an address of its own (docs/adr/0010-host-provider.md).
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Infra, Infrastructure } from '@penstock/ir'
import { createHostAddresses } from './host-addresses.ts'
import { createHostEnvoy } from './host-envoy.ts'
import { createHostFleet, type HostFleet, type HostFleetOptions } from './host-fleet.ts'
import { endLeftovers } from './host-process.ts'
import type { HostProxyKind } from './host-proxy.ts'
import { ignoredParameters } from './ignored-parameters.ts'
import type { Provider, ProviderEvents } from './provider.ts'
import type { HostConfig } from './settings.ts'

export interface HostProviderOptions extends ProviderEvents {
  readonly config: HostConfig
}

export function createHostProvider({ config, ...events }: HostProviderOptions): Provider {
  const folder = join(config.hostData, 'proxies')
  mkdirSync(folder, { recursive: true })
  const addresses = createHostAddresses(join(config.hostData, 'addresses.json'))
  const envoy = createHostEnvoy({ program: config.envoyProgram, xdsAddress: config.xdsAddress })
  return new HostProvider({ ...events, folder, addresses, kindOf: (plane) => kindOf(plane, envoy) })
}

const kindOf = (plane: string, envoy: HostProxyKind): HostProxyKind | { problem: string } =>
  plane === 'envoy' ? envoy : { problem: `Proxies of the plane ${plane} are not started on this machine, only envoy.` }

interface Parts extends ProviderEvents, Pick<HostFleetOptions, 'folder' | 'addresses' | 'kindOf'> {}

class HostProvider implements Provider {
  readonly #parts: Parts
  readonly #wanted = new Map<string, Infra>()
  readonly #fleets = new Map<string, HostFleet>()
  /** By fleet: what of its parameters was said to have no effect. */
  readonly #ignored = new Map<string, string>()
  /** Nothing of an earlier life runs any more. */
  readonly #clean: Promise<void>
  #open = false

  constructor(parts: Parts) {
    this.#parts = parts
    this.#clean = endLeftovers(parts.folder).then((pids) => {
      if (pids.length > 0) parts.log.warn('leftovers_ended', { pids })
    })
  }

  want(fleet: string, infra: Infra | undefined): void {
    if (infra) this.#wanted.set(fleet, infra)
    else this.#wanted.delete(fleet)
    if (this.#open) this.#look(fleet)
  }

  begin(): void {
    void this.#clean.then(() => {
      const { addresses, onSettled } = this.#parts
      for (const fleet of addresses.fleets()) if (!this.#wanted.has(fleet)) addresses.release(fleet)
      this.#open = true
      for (const fleet of [...this.#wanted.keys()].sort()) this.#look(fleet)
      onSettled()
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#open = false
    await this.#clean
    await Promise.all([...this.#fleets.values()].map((fleet) => fleet[Symbol.asyncDispose]()))
  }

  #look(name: string): void {
    const infra = this.#wanted.get(name)
    if (infra) this.#sayIgnored(infra)
    else this.#ignored.delete(name)
    const fleet = this.#fleets.get(name) ?? (infra && this.#create(name))
    fleet?.want(infra)
  }

  #create(name: string): HostFleet {
    const { onInfrastructure, ...parts } = this.#parts
    const tell = (infrastructure: Infrastructure | undefined): void => onInfrastructure(name, infrastructure)
    const fleet = createHostFleet({ ...parts, fleet: name, tell })
    this.#fleets.set(name, fleet)
    void fleet.over.then(() => {
      if (!this.#open) return
      this.#fleets.delete(name)
      // It may be wanted again.
      if (this.#wanted.has(name)) this.#look(name)
      else this.#parts.addresses.release(name)
    })
    return fleet
  }

  #sayIgnored({ fleet, parameters }: Infra): void {
    const names = ignoredParameters(parameters).join(', ')
    if (names !== '' && names !== this.#ignored.get(fleet)) {
      const reason = `${names} say nothing to proxies on this machine`
      this.#parts.log.warn('parameters_ignored', { fleet, reason })
    }
    this.#ignored.set(fleet, names)
  }
}
