// What the host provider has to know of a kind of proxy: how one is started, when it serves, where, and how it is asked to
// send its clients elsewhere.
import type { Infra } from '@penstock/ir'
import type { HostCommand } from './host-process.ts'

export interface HostPlace {
  readonly infra: Infra
  readonly address: string
  /** Its name among the fleet's proxies. */
  readonly node: string
  /** For its files. */
  readonly folder: string
}

export interface HostProxyKind {
  command(place: HostPlace): HostCommand
  /** Whether it serves what it was given, all of it. */
  isReady(folder: string): Promise<boolean>
  /** Where it listens; undefined: it cannot tell. */
  ports(folder: string): Promise<ReadonlySet<number> | undefined>
  /** Resolves when it may be ended: its clients have gone, or it took too long. */
  drain(folder: string, infra: Infra): Promise<void>
}
