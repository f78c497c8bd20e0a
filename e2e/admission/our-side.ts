// What the watcher makes of a document that lies in its folder.
import { createAdmission } from '@penstock/gateway-api/admission'
import { emptyManifest, readManifest } from '@penstock/watcher'
import type { PlainObject, Verdict } from './verdict.ts'

const reader = {
  admission: createAdmission(),
  limits: { maxAliases: 0, maxDocuments: 1, maxObjectBytes: 2 * 1024 * 1024 },
  lastGood: () => undefined,
}

/** JSON is YAML too. */
export function ourVerdict(document: unknown): Verdict {
  const { entries } = readManifest(JSON.stringify(document), emptyManifest, reader)
  const [entry] = entries
  if (entry === undefined) return { refused: 'nothing there' }
  if (entry.object !== undefined) return { object: entry.object as unknown as PlainObject }
  return { refused: entry.refusals.map(({ path, reason }) => `${path}: ${reason}`).join('; ') }
}
