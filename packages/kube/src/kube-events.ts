// What this package counts and says: one function per event, which never throws.
import type { Fault } from '@penstock/fault'
import type { Logger, Meter } from '@penstock/telemetry'

export interface KubeEvents {
  listed(kind: string, list: { objects: number; changes: number; ms: number }): void
  held(kind: string, reason: string, message: string): void
  watchEnded(kind: string, reason: string): void
  fault(fault: Fault, fields: Readonly<Record<string, unknown>>): void
  served(kinds: number): void
  wrote(kind: string, verb: string, result: string): void
  eventDropped(reason: string): void
}

export function createKubeEvents(log: Logger, meter: Meter): KubeEvents {
  const lists = meter.counter('penstock_kube_lists_total', 'Whole lists read', ['kind'])
  const objects = meter.gauge('penstock_kube_objects', 'Objects known, by kind', ['kind'])
  const watches = meter.counter('penstock_kube_watches_total', 'Watches that ended', ['kind', 'reason'])
  const faults = meter.counter('penstock_kube_faults_total', 'Outages by code', ['code'])
  const writes = meter.counter('penstock_kube_writes_total', 'Writes by result', ['kind', 'verb', 'result'])
  const events = meter.counter('penstock_kube_dropped_events_total', 'Events that were not written', ['reason'])
  return {
    listed(kind, list) {
      lists.add(1, { kind })
      objects.set(list.objects, { kind })
      log.info('kube_listed', { kind, ...list })
    },
    held: (kind, reason, message) => log.warn('kube_held', { kind, reason, message }),
    watchEnded(kind, reason) {
      watches.add(1, { kind, reason })
      log.debug('kube_watch_ended', { kind, reason })
    },
    fault(fault, fields) {
      faults.add(1, { code: fault.code })
      // What is held was told when it began.
      const say = fault.code === 'kube_held' ? log.debug : log.warn
      say.call(log, 'kube_fault', { ...fields, code: fault.code, reason: fault.message })
    },
    served: (kinds) => log.info('kube_served', { kinds }),
    wrote(kind, verb, result) {
      writes.add(1, { kind, verb, result })
      log.debug('kube_wrote', { kind, verb, result })
    },
    eventDropped: (reason) => events.add(1, { reason }),
  }
}
