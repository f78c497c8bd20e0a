// A service's counters, read as an operator's Prometheus would.

/** The sum over all label sets of one metric; 0 when it does not exist yet. */
export const metric = (adminPort: number, name: string): Promise<number> => metricAt(`127.0.0.1:${adminPort}`, name)

export async function metricAt(place: string, name: string): Promise<number> {
  const response = await fetch(`http://${place}/metrics`)
  const text = await response.text()
  let sum = 0
  for (const line of text.split('\n')) {
    if (line.startsWith(`${name} `) || line.startsWith(`${name}{`)) sum += Number(line.slice(line.lastIndexOf(' ') + 1))
  }
  return sum
}
