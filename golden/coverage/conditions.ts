// Which condition, with which status and reason, is in the vocabulary (`conditions` of gateway-api), and which a case shows.
import { conditions } from '@penstock/gateway-api'

/** `RouteParent Accepted False NoMatchingParent` */
export function conditionsOf(owners: readonly (keyof typeof conditions)[]): readonly string[] {
  return owners.flatMap((owner) =>
    Object.entries<Readonly<Record<string, readonly string[]>>>(conditions[owner]).flatMap(([type, statuses]) =>
      Object.entries(statuses).flatMap(([status, reasons]) =>
        reasons.map((reason) => line(owner, { type, status, reason })),
      ),
    ),
  )
}

interface Shown {
  readonly type: string
  readonly status: boolean | string
  readonly reason: string
}

interface Holder {
  readonly conditions?: readonly Shown[]
}

interface ShownStatus extends Holder {
  readonly parents?: readonly Holder[]
  readonly listeners?: readonly Holder[]
}

/** Of a status.yaml: by the key of the object. */
export function* shownConditions(statuses: Readonly<Record<string, ShownStatus>>): Generator<string> {
  for (const [key, { conditions: own = [], parents = [], listeners = [] }] of Object.entries(statuses)) {
    const kind = key.split('/')[1] ?? ''
    const parent = kind.endsWith('Route') ? 'RouteParent' : kind
    const listener = kind === 'ListenerSet' ? 'ListenerEntry' : 'Listener'
    for (const condition of own) yield line(kind, condition)
    for (const condition of parents.flatMap(conditionsIn)) yield line(parent, condition)
    for (const condition of listeners.flatMap(conditionsIn)) yield line(listener, condition)
  }
}

const conditionsIn = (holder: Holder): readonly Shown[] => holder.conditions ?? []

const line = (owner: string, { type, status, reason }: Shown): string => `${owner} ${type} ${named(status)} ${reason}`

const named = (status: boolean | string): string => (typeof status === 'string' ? status : status ? 'True' : 'False')
