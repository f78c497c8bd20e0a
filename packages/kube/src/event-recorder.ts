// Events of events.k8s.io/v1, for whoever runs `kubectl describe`. They are news, not truth: the same one is written once
// in a while, and when too many wait the newest are dropped and counted.
import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { Fault } from '@penstock/fault'
import type { ApiClient } from './api-client.ts'
import type { KubeEvents } from './kube-events.ts'
import type { KubeLimits } from './limits.ts'

export interface EventBody {
  /** What it is about. */
  readonly regarding: {
    readonly apiVersion: string
    readonly kind: string
    readonly metadata: { readonly name: string; readonly namespace?: string; readonly uid: string }
  }
  readonly type: 'Normal' | 'Warning'
  /** One word, like a condition's reason. */
  readonly reason: string
  /** One word for what we did or could not do. */
  readonly action: string
  readonly note: string
}

export interface EventRecorderParts {
  readonly client: ApiClient
  readonly limits: KubeLimits
  readonly events: KubeEvents
  readonly reporter: string
  readonly signal: AbortSignal
  go(): Promise<void>
  /** Since 1970. */
  nowMs(): number
}

const path = (namespace: string): string => `/apis/events.k8s.io/v1/namespaces/${namespace}/events`

/** The API server's own limits. */
const noteLength = 1_024
const wordLength = 128
const nameLength = 230

export function createEventRecorder(parts: EventRecorderParts): (event: EventBody) => void {
  const { client, limits, events, signal, go, nowMs } = parts
  /** By content: when it was written last, the oldest first. */
  const writtenAtMs = new Map<string, number>()
  let waiting = 0

  async function write(event: EventBody, key: string): Promise<void> {
    waiting += 1
    try {
      await go()
      const namespace = namespaceOf(event)
      await client.request({ method: 'POST', path: path(namespace), body: bodyOf(event, parts), signal })
    } catch (thrown) {
      // Not told: the next one of the same may be.
      writtenAtMs.delete(key)
      events.eventDropped(Fault.from(thrown).code)
    } finally {
      waiting -= 1
    }
  }

  return (event) => {
    const { regarding, type, reason, action, note } = event
    const key = JSON.stringify([regarding.metadata.uid, type, reason, action, note])
    const now = nowMs()
    const last = writtenAtMs.get(key)
    if (last !== undefined && now - last < limits.eventQuietMs) return
    if (waiting >= limits.maxEvents) {
      events.eventDropped('too_many')
      return
    }
    writtenAtMs.delete(key)
    writtenAtMs.set(key, now)
    if (writtenAtMs.size > limits.maxEvents) writtenAtMs.delete(writtenAtMs.keys().next().value ?? '')
    void write(event, key)
  }
}

/** An Event of what is cluster scoped stands in `default`. */
const namespaceOf = ({ regarding }: EventBody): string => regarding.metadata.namespace ?? 'default'

function bodyOf(event: EventBody, { reporter, nowMs }: EventRecorderParts): object {
  const { regarding, type, reason, action, note } = event
  const { name, namespace, uid } = regarding.metadata
  return {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: {
      name: `${name.slice(0, nameLength)}.${randomBytes(8).toString('hex')}`,
      namespace: namespaceOf(event),
    },
    // Kubernetes' MicroTime has six digits of a second, always.
    eventTime: new Date(nowMs()).toISOString().replace('Z', '000Z'),
    reportingController: reporter,
    reportingInstance: hostname().slice(0, wordLength),
    type,
    reason: reason.slice(0, wordLength),
    action: action.slice(0, wordLength),
    note: note.slice(0, noteLength),
    regarding: {
      apiVersion: regarding.apiVersion,
      kind: regarding.kind,
      name,
      uid,
      ...(namespace ? { namespace } : {}),
    },
  }
}
