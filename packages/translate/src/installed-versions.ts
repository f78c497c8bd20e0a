// Which release of the Gateway API the installed CRDs are from, and whether we know it (Gateway API:
// GatewayClassConditionStatusSupportedVersion). An unknown one is served as well as we can, and told.
import { bundleVersionAnnotation, type CustomResourceDefinition } from '@penstock/gateway-api'
import type { Index, Read } from '@penstock/incremental'
import type { Condition } from '@penstock/ir'
import { conditionOf } from './problem.ts'

/** Releases whose CRDs have everything that we read, under the same names. */
const known = { major: 1, oldestMinor: 4, newestMinor: 7 }

/** The release of a CRD of the Gateway API, as an index key. */
export function bundleVersionOf({ metadata }: CustomResourceDefinition): readonly string[] {
  const version = metadata.annotations?.[bundleVersionAnnotation]
  return metadata.name.endsWith('.gateway.networking.k8s.io') ? [version ?? 'unknown'] : []
}

/** Undefined where nobody can see CRDs, as in a folder. */
export function supportedVersion(
  read: Read,
  from: { readonly crdVersions: Index<CustomResourceDefinition> },
): Condition | undefined {
  const installed = read.list(from.crdVersions.keys).map(({ key }) => key)
  if (installed.length === 0) return undefined
  const strange = installed.filter((version) => !isKnown(version))
  const message = `CRDs of the Gateway API ${strange.join(', ')} are installed; v${known.major}.${known.oldestMinor} to v${known.major}.${known.newestMinor} are known here.`
  const problems = strange.length > 0 ? [{ reason: 'UnsupportedVersion', message }] : []
  return conditionOf('SupportedVersion', problems, `CRDs of the Gateway API ${installed.join(', ')} are installed.`)
}

function isKnown(version: string): boolean {
  const [, major, minor] = /^v(\d+)\.(\d+)\.\d+/.exec(version) ?? []
  const { oldestMinor, newestMinor } = known
  return Number(major) === known.major && Number(minor) >= oldestMinor && Number(minor) <= newestMinor
}
