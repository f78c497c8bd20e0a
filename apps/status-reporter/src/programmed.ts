// "Programmed" means acknowledged (design section 8): what translation handed out joined with what the proxies said.
// Lost contact never turns True into False; a rejection of this very object does, or of a listener of its parent, and so
// does a fleet without a proxy for a minute while a server reports it. A proxy that should run and is not connected is
// counted among the n of "k of n" and holds up nothing: it gets the newest configuration before it serves anything.
import { type Infrastructure, type ProxyState, type Rejection, type Source, sourceKey } from '@penstock/ir'
import type { FleetView } from './fleet-view.ts'

/** Undecided: a True or Unknown that was said before stays; else it is Unknown. */
export type Verdict =
  | { readonly status: 'True' | 'False'; readonly reason: string; readonly message: string }
  | { readonly status: 'undecided'; readonly message: string }

export type ParentObject = Pick<Source, 'group' | 'kind' | 'namespace' | 'name'>

export interface ProgrammedQuestion {
  readonly source: Source
  /** Whose listeners the object hangs on, if any. */
  readonly parent?: ParentObject | undefined
  /** The IR commit that last touched the object. */
  readonly irCommit: number
  /** The fleets that carry it, each with what is known of it. */
  readonly fleets: readonly { readonly name: string; readonly view: FleetView | undefined }[]
  /** Its address comes from who runs its proxies. */
  readonly needsAddress?: boolean
  /** Those that it asked for. */
  readonly requiredAddresses?: readonly string[]
  readonly nowMs: number
  readonly noProxyMs: number
}

export function judgeProgrammed(question: ProgrammedQuestion): Verdict {
  const { source, parent, irCommit, fleets, nowMs, noProxyMs } = question
  const generation = `generation ${source.generation}`
  const proxies = fleets.flatMap(({ view }) => view?.proxies ?? [])
  const refusal = proxies
    .flatMap((proxy) => proxy.rejections.map((rejection) => ({ proxy, rejection })))
    .find(({ rejection }) => rejection.commit >= irCommit && rejection.sources.some((one) => isSame(one, source)))
  if (refusal) {
    const message = `Proxy ${refusal.proxy.proxy} refused ${generation}: ${refusal.rejection.message.trim()}`
    return { status: 'False', reason: 'Invalid', message }
  }
  const closed = parent && proxies.find(({ rejections }) => rejections.some((one) => isListenerOf(parent, one)))
  if (closed) {
    const gateway = `${parent.kind} ${parent.namespace}/${parent.name}`
    const message = `Proxy ${closed.proxy} refused a listener of ${gateway}; the status of the ${parent.kind} says why.`
    return { status: 'False', reason: 'Invalid', message }
  }
  const infrastructures = fleets.map(({ view }) => view?.infrastructure)
  const unreachable = question.needsAddress && whyUnreachable(infrastructures, question.requiredAddresses)
  if (unreachable) return unreachable
  const deserted = fleets.find(({ view }) => view?.emptySinceMs !== undefined && nowMs - view.emptySinceMs >= noProxyMs)
  if (deserted) {
    return { status: 'False', reason: 'NoResources', message: `No proxy of fleet ${deserted.name} is connected.` }
  }
  const acknowledged = proxies.filter((proxy) => proxy.acknowledgedCommit >= irCommit).length
  const absent = fleets.reduce((sum, { view }) => sum + absentProxies(view), 0)
  const told = `${acknowledged} of ${proxies.length + absent} proxies acknowledged ${generation}`
  const message = absent === 0 ? `${told}.` : `${told}; ${absent} ${absent === 1 ? 'is' : 'are'} not connected.`
  const complete = fleets.length > 0 && fleets.every(({ view }) => view !== undefined && view.proxies.length > 0)
  if (complete && acknowledged === proxies.length) return { status: 'True', reason: 'Programmed', message }
  return { status: 'undecided', message }
}

/** Those that whoever runs the proxies wants, beyond those that are connected: one more may be, while it is replaced. */
const absentProxies = (view: FleetView | undefined): number =>
  Math.max(0, (view?.infrastructure?.replicasWanted ?? 0) - (view?.proxies.length ?? 0))

/** Lost contact with who runs the proxies leaves it undecided. */
function whyUnreachable(
  all: readonly (Infrastructure | undefined)[],
  required: readonly string[] = [],
): Verdict | undefined {
  const known = all.filter((infrastructure) => infrastructure !== undefined)
  const problem = known.find((infrastructure) => infrastructure.problem !== '')?.problem
  if (problem !== undefined) return { status: 'False', reason: 'NoResources', message: problem }
  if (known.length < all.length) return { status: 'undecided', message: 'It is not known yet where its proxies run.' }
  const given = known.flatMap(({ addresses }) => addresses.map(({ value }) => value))
  const missing = required.filter((address) => !given.includes(address))
  if (missing.length > 0) {
    const message = `It asks for ${missing.join(', ')}, which nobody has given it.`
    return { status: 'False', reason: 'AddressNotUsable', message }
  }
  if (given.length > 0) return undefined
  return { status: 'False', reason: 'AddressNotAssigned', message: 'No address has been assigned yet.' }
}

const isSame = (a: ParentObject, b: ParentObject): boolean => sourceKey(a) === sourceKey(b)

/** It stands until the proxy takes another content of the listener, whichever commits change what hangs on it. */
const isListenerOf = (parent: ParentObject, rejection: Rejection): boolean =>
  isOfListener(rejection) && rejection.sources.some((source) => isSame(source, parent))

const isOfListener = ({ typeUrl }: Rejection): boolean => typeUrl.endsWith('.Listener')

/** Changes when other listeners are refused. */
export const refusedListeners = (proxies: readonly ProxyState[]): string =>
  proxies
    .flatMap(({ proxy, rejections }) =>
      rejections
        .filter(isOfListener)
        .flatMap(({ sources }) => sources.map((source) => `${proxy} ${sourceKey(source)}`)),
    )
    .sort()
    .join('\n')
