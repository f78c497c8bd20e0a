// Keeps the stream of a channel with many writers there and as defined, for the one service that may create it: the
// writers need no right to, see permissions.ts.
import { Fault, retry } from '@penstock/fault'
import type { BusEvents } from './events.ts'
import type { BusSettings } from './settings.ts'
import type { StreamDoor } from './stream-door.ts'
import type { Transport } from './transport.ts'

export interface StreamKeeperContext {
  readonly channel: { readonly name: string }
  readonly door: StreamDoor
  readonly transport: Transport
  readonly settings: BusSettings
  readonly events: BusEvents
}

export class StreamKeeper implements AsyncDisposable {
  readonly #context: StreamKeeperContext
  readonly #closing = new AbortController()
  readonly #leave: (() => void)[]
  #looking: Promise<void> | undefined

  constructor(context: StreamKeeperContext) {
    this.#context = context
    // A stream can also be deleted under a live connection.
    const timer = setInterval(() => this.#look(), context.settings.keepMs)
    this.#leave = [() => clearInterval(timer), context.transport.onConnected(() => this.#look())]
    this.#look()
  }

  #look(): void {
    this.#looking ??= this.#ensure().finally(() => {
      this.#looking = undefined
    })
  }

  async #ensure(): Promise<void> {
    const { channel, door, transport, events } = this.#context
    const onFault = (fault: Fault): void => events.fault(fault, { channel: channel.name })
    // A new connection looks again.
    const attempt = async (): Promise<void> => (transport.connected ? door.ensure() : undefined)
    try {
      await retry(attempt, { signal: this.#closing.signal, maxDelayMs: 2_000, onFault })
    } catch (thrown) {
      if (this.#closing.signal.aborted) return
      if (!(thrown instanceof Fault)) throw thrown
      // No further try can help now, but an operator may cure it while we run.
      onFault(thrown)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(new Fault('bus_unreachable', 'closed'))
    for (const leave of this.#leave) leave()
    await this.#looking
  }
}
