// What an Envoy says of itself on standard error, as arguments.
import type { Logging } from '@penstock/ir'

export function envoyLogArguments({ level, components }: Partial<Logging> = {}): string[] {
  const levels = Object.entries(components ?? {}).map(([component, each]) => `${component}:${each}`)
  return ['--log-level', level || 'warn', ...(levels.length === 0 ? [] : ['--component-log-level', levels.join()])]
}
