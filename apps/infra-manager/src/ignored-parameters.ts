// What GatewayConfigs say of pods, which a process of this machine is none of.
import type { ProxyParameters } from '@penstock/ir'

const ignored = {
  image: ({ image }) => image !== '',
  workload: ({ workload }) => workload !== '',
  replicas: ({ replicas }) => replicas !== undefined,
  autoscaling: ({ autoscaling }) => autoscaling !== undefined,
  disruptionBudget: ({ disruptionBudget }) => disruptionBudget !== undefined,
  resources: ({ resourcesJson }) => resourcesJson !== '',
  pod: ({ pod }) => pod !== undefined,
  service: ({ service }) => service !== undefined,
  overlays: ({ overlays }) => overlays.length > 0,
} satisfies Partial<Record<string, (parameters: ProxyParameters) => boolean>>

/** Names of what is set and has no effect. */
export function ignoredParameters(parameters: ProxyParameters | undefined): string[] {
  if (parameters === undefined) return []
  return Object.entries(ignored).flatMap(([name, isSet]) => (isSet(parameters) ? [name] : []))
}
