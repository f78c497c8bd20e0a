// Durations as the Gateway API writes them (GEP-2257): up to four numbers with a unit, added up, such as `1h30m`.

const unitMs: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 }

/** Milliseconds; undefined for a text that is no duration. */
export function durationMs(text: string): number | undefined {
  if (!/^([0-9]{1,5}(h|m|s|ms)){1,4}$/.test(text)) return undefined
  let total = 0
  for (const [, count, unit] of text.matchAll(/([0-9]+)(h|ms|m|s)/g)) total += Number(count) * (unitMs[unit ?? ''] ?? 0)
  return total
}
