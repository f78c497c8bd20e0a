// What stands under the name of a fleet's Secret, without reading it: we try, in a dry run, to put one there that names the
// fleet and holds nothing. The server answers with that, under the uid and the version of the one that stands, and with
// who has written each of its values: ours names the fleet already, so somebody else than the trial has.
import { type ObjectRef, ownersOf, type Writer, type Written } from '@penstock/kube'
import type { IdentityRecord } from './identity-record.ts'
import { fleetAnnotation, managedBy } from './owned-kinds.ts'

export type FoundIdentity =
  | { readonly is: 'none' }
  /** `recorded`: nobody has written it since it was recorded. */
  | { readonly is: 'ours'; readonly uid: string; readonly resourceVersion: string; readonly recorded: boolean }
  | { readonly is: 'foreign'; readonly reason: string }

export interface IdentityLook {
  readonly ref: ObjectRef
  readonly fleet: string
  readonly install: string
  readonly record: IdentityRecord | undefined
}

/** Never the name of who writes. */
const looker = 'penstock-infra-look'

export async function lookAtIdentity(
  writer: Pick<Writer, 'replace'>,
  { ref, fleet, install, record }: IdentityLook,
): Promise<FoundIdentity> {
  const metadata = { labels: managedBy(install), annotations: { [fleetAnnotation]: fleet } }
  const attempt = (meant: { uid?: string; resourceVersion?: string }): Promise<Written> =>
    writer.replace(ref, { metadata, type: 'Opaque' }, { ...meant, dryRun: true, fieldManager: looker })
  const meant = record && { uid: record.uid, resourceVersion: record.resourceVersion }
  const exact = meant && found(await attempt(meant), true)
  // Another one or another version, or none at all.
  return exact && exact.is !== 'none' ? exact : found(await attempt({}), false)
}

function found(tried: Written, recorded: boolean): FoundIdentity {
  if (tried.is === 'refused') {
    return { is: 'foreign', reason: `${notOurs}, or that cannot be changed: ${tried.message}` }
  }
  if (tried.is !== 'written') return { is: 'none' }
  const { uid, resourceVersion } = tried.object.metadata
  // A record says nothing of whose it is: others may write that.
  const owners = ownersOf(tried.object, ['metadata', 'annotations', fleetAnnotation])
  const isOurs = owners.some((owner) => owner !== looker)
  return isOurs ? { is: 'ours', uid, resourceVersion, recorded } : { is: 'foreign', reason: notOurs }
}

const notOurs = 'there is one that was not made by Penstock'
