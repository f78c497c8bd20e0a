// How many servers of NATS keep a copy of each stream. NATS may have fewer servers than that, or not yet: a stream with
// too few copies serves all the same, and gets the others once it can.
import { JetStreamApiError } from '@nats-io/jetstream'
import { Fault } from '@penstock/fault'
import { natsStreamInfo } from './nats-stream-info.ts'
import type { NatsTransportContext } from './nats-transport.ts'

export interface NatsCopies {
  /** Calls `create` with the number of copies that NATS can keep now. */
  create<T>(stream: string, create: (copies: number) => Promise<T>): Promise<T>
  /** Sees to it from now on that a stream has as many copies as it should have: others may change it, or make it anew. */
  keep(stream: string): void
  /** Two processes that were told different numbers would undo each other's: only while this holds are copies changed. */
  changeWhile(leads: () => boolean): void
  close(): void
}

/** Without a cluster there is one copy; in a cluster a server may be away. */
const tooFewServers: readonly number[] = [10_074, 10_005]

/** Ten minutes of looks. */
const mostLooks = 128

export type CopiesContext = Pick<NatsTransportContext, 'connection' | 'manager' | 'settings' | 'events'>

export function createNatsCopies(context: CopiesContext): NatsCopies {
  const { connection, manager, settings, events } = context
  const wanted = settings.replicas
  const kept = new Set<string>()
  /** How many looks in a row found another number. A cluster that forms is not disturbed in its first moments. */
  const wrong = new Map<string, number>()
  /** How many of them are enough, doubled by each change: who is told another number, and changes it back, is not fought. */
  const enough = new Map<string, number>()
  const complaints = createComplaints(context)
  let leads = (): boolean => false
  let timer: NodeJS.Timeout | undefined
  let closed = false

  const lookAt = async (stream: string): Promise<void> => {
    const copies = (await natsStreamInfo(context, stream))?.config.num_replicas
    if (copies === wanted) complaints.over(stream)
    if (copies === undefined || copies === wanted) return void wrong.delete(stream)
    const looks = (wrong.get(stream) ?? 0) + 1
    const needed = enough.get(stream) ?? 2
    wrong.set(stream, looks)
    if (looks < needed || !leads()) return
    await connection.ask(() => manager.streams.update(stream, { num_replicas: wanted }))
    events.copies(stream, { from: copies, to: wanted })
    wrong.delete(stream)
    enough.set(stream, Math.min(2 * needed, mostLooks))
  }
  const look = async (): Promise<void> => {
    for (const stream of kept) {
      if (closed) return
      if (!leads() || !connection.connected) return wrong.clear()
      await lookAt(stream).catch((thrown: unknown) => complaints.say(stream, Fault.from(thrown)))
    }
  }
  const lookLater = (): void => {
    if (!closed) timer = setTimeout(() => void look().finally(lookLater), settings.keepMs)
  }

  return {
    async create(stream, create) {
      try {
        return await create(wanted)
      } catch (thrown) {
        const cause = thrown instanceof Fault ? thrown.cause : thrown
        if (!(cause instanceof JetStreamApiError) || !tooFewServers.includes(cause.code)) throw thrown
        events.fault(new Fault('bus_refused', `1 copy of ${stream}, not ${wanted}: ${cause.message}`, { cause }))
        return create(1)
      }
    },
    keep(stream) {
      kept.add(stream)
      if (timer === undefined) lookLater()
    },
    changeWhile: (holds) => void (leads = holds),
    close() {
      closed = true
      clearTimeout(timer)
    },
  }
}

/** Says of each stream once what is wrong with it, until it is over. */
function createComplaints({ events, settings }: Pick<CopiesContext, 'events' | 'settings'>) {
  const said = new Map<string, Set<string>>()
  return {
    say(stream: string, { code, message, cause }: Fault): void {
      const fault = new Fault(code, `${stream}, ${settings.replicas} copies: ${message}`, { cause })
      const messages = said.get(stream) ?? new Set()
      if (messages.has(message)) events.faultAgain(fault)
      else events.fault(fault)
      said.set(stream, messages.add(message))
    },
    over: (stream: string): void => void said.delete(stream),
  }
}
