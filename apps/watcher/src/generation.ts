// Counts the changes of each object's spec, as the API server does: everything but metadata counts.
import { isDeepStrictEqual } from 'node:util'
import type { Resource } from '@penstock/gateway-api'

/**
 * The generation of `now`, given the version before it. A watcher that starts takes the versions that are on the bus for
 * those before it, so a restart changes no generation and what an older life published never looks newer.
 */
export function generationOf(now: Resource, before: Resource | undefined): number {
  if (!before) return 1
  const { metadata: _, ...content } = now
  const { metadata, ...contentBefore } = before
  return isDeepStrictEqual(content, contentBefore) ? metadata.generation : metadata.generation + 1
}
