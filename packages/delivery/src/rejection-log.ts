// Says once what a proxy refused, in the proxy's own words, and whose object it is.
import type { Logger } from '@penstock/telemetry'
import type { ProxyState } from '@penstock/xds'
import type { ResourceSources } from './resource-sources.ts'

export interface RejectionLog {
  check(fleet: string, proxies: readonly ProxyState[]): void
  forget(fleet: string): void
}

export function createRejectionLog(log: Logger, sources: ResourceSources): RejectionLog {
  const told = new Map<string, ReadonlySet<string>>()
  return {
    check(fleet, proxies) {
      const now = new Set<string>()
      for (const { proxy, rejections } of proxies) {
        for (const rejection of rejections) {
          const { typeUrl, resources, message, commit } = rejection
          const identity = [proxy, typeUrl, commit, message].join('\n')
          now.add(identity)
          if (told.get(fleet)?.has(identity)) continue
          const objects = sources
            .of(fleet, rejection)
            .map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`)
          log.warn('rejected', { fleet, proxy, typeUrl, resources, message: message.trim(), commit, objects })
        }
      }
      told.set(fleet, now)
    },
    forget: (fleet) => void told.delete(fleet),
  }
}
