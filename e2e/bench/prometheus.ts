// A service's counters, read as an operator's Prometheus would.

type Labels = Readonly<Record<string, string>>

/** The sum over all sets of labels that have these; 0 when there is none yet. */
export const metric = (adminPort: number, name: string, labels?: Labels): Promise<number> =>
  metricAt(`127.0.0.1:${adminPort}`, name, labels)

export async function metricAt(place: string, name: string, labels: Labels = {}): Promise<number> {
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`)
  const response = await fetch(`http://${place}/metrics`)
  const text = await response.text()
  let sum = 0
  for (const line of text.split('\n')) {
    if (!line.startsWith(`${name} `) && !line.startsWith(`${name}{`)) continue
    if (wanted.every((label) => line.includes(label))) sum += Number(line.slice(line.lastIndexOf(' ') + 1))
  }
  return sum
}
