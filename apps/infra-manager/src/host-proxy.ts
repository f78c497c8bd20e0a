// What the host provider has to know of a kind of proxy: how one is started, when it serves, where, and how it is asked to
// send its clients elsewhere.
import type { Infra } from '@penstock/ir'
import type { HostCommand } from './host-process.ts'

/** Proxies that take over from one another: the next one gets the sockets of the one before. */
export interface Succession {
  /** No two that run have the same. */
  readonly line: string
  /** How many were before. */
  readonly epoch: number
}

export interface HostPlace extends Succession {
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
  /** Whether it, or one before it, was ever told to listen where it could not. */
  hasFailedToListen(folder: string): Promise<boolean>
  /** Resolves when it may be ended: its clients have gone, or it took too long. One with an heir is ended by that one. */
  drain(folder: string, infra: Infra, hasHeir: boolean): Promise<void>
}
