// Where a resource names others: they all come over the one aggregated stream.
import { ApiVersion, type ConfigSource } from './gen/envoy/config/core/v3/config_source.ts'

export const byAds: ConfigSource = {
  configSourceSpecifier: { $case: 'ads', value: {} },
  resourceApiVersion: ApiVersion.V3,
}

/** A listener without its routes would answer 404 where it does not know: better to wait than to start so. */
export const byAdsWithoutDeadline: ConfigSource = { ...byAds, initialFetchTimeout: { seconds: 0n } }
