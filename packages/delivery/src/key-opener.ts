// Private keys come sealed; a server that serves HTTPS can open them.
import type { Sealer } from '@penstock/bus'
import { Fault } from '@penstock/fault'
import type { Sealed } from '@penstock/ir'

/** Throws a fault for what it has no key for; the plane then holds what needs it. */
export function createKeyOpener(sealer: Sealer | undefined): (sealed: Sealed) => string {
  return (sealed) => {
    if (!sealer) throw new Fault('seal_broken', `no sealing keys are configured, so ${sealed.subject} stays closed`)
    return Buffer.from(sealer.open(sealed)).toString()
  }
}
