// Notices that the API server was away: it may have come back from an older store, without what was written since, and
// nobody tells a writer. The kind with the fewest objects is watched for that, and nothing of it is kept. Where that is
// forbidden, or the outage too short to be noticed, the next regular look finds what is missing.
import { kindInfo } from '@penstock/gateway-api'
import type { KindState, Kube } from '@penstock/kube'

/** `onBack` is called each time that it answers again after it did not. */
export function watchForOutages(kube: Kube, onBack: () => void): AsyncDisposable {
  const kind = kindInfo('gateway.networking.k8s.io', 'GatewayClass')
  if (!kind) throw new Error('GatewayClass is no kind of ours')
  let away = false
  return kube.reflect<never>({
    kind,
    metadataOnly: true,
    transform: () => undefined,
    onChange() {},
    onState(state: KindState) {
      if (state.is === 'synced' && state.fault) away = true
      else if (away) {
        away = false
        onBack()
      }
    },
  })
}
