// Policies with one thing otherwise: a way, a rule, a peer or a port less, or all peers or ports of a rule.
import type { NetworkPolicy, Rule } from './reach.ts'

export interface Weakened {
  /** What is otherwise. */
  readonly what: string
  readonly policies: readonly NetworkPolicy[]
}

type Spec = NetworkPolicy['spec']

export function weakened(policies: readonly NetworkPolicy[]): readonly Weakened[] {
  return policies.flatMap((policy, place) =>
    [...specsOf(policy.spec)].map(([what, spec]) => ({
      what: `${policy.metadata.name}: ${what}`,
      policies: policies.with(place, { ...policy, spec }),
    })),
  )
}

function* specsOf(spec: Spec): Iterable<readonly [string, Spec]> {
  for (const way of spec.policyTypes ?? [])
    yield [`without ${way}`, { ...spec, policyTypes: spec.policyTypes?.filter((other) => other !== way) ?? [] }]
  for (const key of ['ingress', 'egress'] as const) {
    const rules = spec[key] ?? []
    for (const [place, rule] of rules.entries()) {
      const name = `${key} ${JSON.stringify(rule)}`
      yield [`without ${name}`, { ...spec, [key]: rules.toSpliced(place, 1) }]
      for (const [what, other] of rulesOf(rule)) yield [`${name} ${what}`, { ...spec, [key]: rules.with(place, other) }]
    }
  }
}

function* rulesOf(rule: Rule): Iterable<readonly [string, Rule]> {
  for (const key of ['from', 'to', 'ports'] as const) {
    const entries: readonly object[] = rule[key] ?? []
    if (entries.length > 0) yield [`without ${key}`, { ...rule, [key]: [] }]
    // Without its only one it would be open: that was just tried.
    if (entries.length > 1) {
      for (const [place, entry] of entries.entries())
        yield [`without ${JSON.stringify(entry)}`, { ...rule, [key]: entries.toSpliced(place, 1) }]
    }
  }
}
