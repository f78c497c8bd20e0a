// JSON for a person who debugs: also shows what JSON has no form for.

export function debugJson(value: unknown): string {
  return JSON.stringify(value, show, 2)
}

function show(_: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString()
  if (value instanceof Map) return Object.fromEntries(value)
  if (value instanceof Set) return [...value]
  if (value instanceof Uint8Array) return `base64:${Buffer.from(value).toString('base64')}`
  if (value instanceof Error) return `${value.name}: ${value.message}`
  return value
}
