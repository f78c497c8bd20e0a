// Counts the changes of each object's spec, as the API server does: everything but metadata counts.
import { isDeepStrictEqual } from 'node:util'
import type { Resource } from '@penstock/gateway-api'

/**
 * `now` with its generation, given the version before it. A watcher that starts takes the versions that are on the bus
 * for those before it, so a restart changes no generation and what an older life published never looks newer.
 */
export function withGeneration(now: Resource, before: Resource | undefined): Resource {
  const { metadata, ...content } = now
  if (!before) return now
  const { metadata: metadataBefore, ...contentBefore } = before
  const generation = isDeepStrictEqual(content, contentBefore)
    ? metadataBefore.generation
    : Math.max(metadata.generation, metadataBefore.generation + 1)
  return { ...now, metadata: { ...metadata, generation } }
}
