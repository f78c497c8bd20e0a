// Headers in order, each value by itself, names in lower case.
import type { HeaderModifier } from './policy-tables.ts'

export interface HeaderList {
  all(name: string): readonly string[]
  first(name: string): string | undefined
  add(name: string, value: string): void
  set(name: string, value: string): void
  remove(name: string): void
  entries(): readonly (readonly [string, string])[]
  copy(): HeaderList
}

export function createHeaderList(from: Iterable<readonly [string, string]> = []): HeaderList {
  let entries = [...from].map(([name, value]) => [name.toLowerCase(), value] as const)
  return {
    all: (name) => entries.filter(([one]) => one === name.toLowerCase()).map(([, value]) => value),
    first: (name) => entries.find(([one]) => one === name.toLowerCase())?.[1],
    add(name, value) {
      entries.push([name.toLowerCase(), value])
    },
    set(name, value) {
      this.remove(name)
      this.add(name, value)
    },
    remove(name) {
      entries = entries.filter(([one]) => one !== name.toLowerCase())
    },
    entries: () => entries,
    copy: () => createHeaderList(entries),
  }
}

/** As node gives them: name, value, name, value, … */
export function headerPairs(raw: readonly string[]): [string, string][] {
  return raw.flatMap((name, at) => (at % 2 === 0 ? [[name, raw[at + 1] ?? ''] as [string, string]] : []))
}

/** As node takes them. */
export function asNodeHeaders(headers: HeaderList): Record<string, string | string[]> {
  const names = new Set(headers.entries().map(([name]) => name))
  return Object.fromEntries(
    [...names].map((name) => {
      const values = headers.all(name)
      return [name, values.length === 1 ? (values[0] ?? '') : [...values]]
    }),
  )
}

const hopByHop = ['connection', 'proxy-connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization']

/** Takes out what was for the connection only; `te: trailers` goes on. */
export function dropHopByHop(headers: HeaderList): void {
  const hasTrailers = headers.all('te').some((value) => value.includes('trailers'))
  const nominated = headers.all('connection').flatMap((value) => value.split(',').map((name) => name.trim()))
  for (const name of [...nominated, ...hopByHop, 'te', 'trailer', 'transfer-encoding', 'upgrade']) headers.remove(name)
  if (hasTrailers) headers.set('te', 'trailers')
}

export function editHeaders(modifier: HeaderModifier | undefined, headers: HeaderList): void {
  for (const { name, value } of modifier?.add ?? []) headers.add(name, value)
  for (const { name, value } of modifier?.set ?? []) headers.set(name, value)
  for (const name of modifier?.remove ?? []) headers.remove(name)
}

/** Of a request Host is no header but its authority, which can be set and not removed. */
export function editRequest<R extends { readonly headers: HeaderList; readonly authority: string }>(
  modifier: HeaderModifier | undefined,
  request: R,
): R {
  const headers = request.headers.copy()
  editHeaders(modifier, headers)
  const authority = headers.all('host').at(-1) ?? request.authority
  headers.remove('host')
  return { ...request, headers, authority }
}
