// What an Envoy in a pod has, by its own word; its admin port listens on the pod's loopback alone.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Replica } from './replicas.ts'

const adminPort = 19_000

/** Each resource that a server gave it, as JSON, by its kind and name. */
export async function dumpOf({ name, pid }: Replica): Promise<ReadonlyMap<string, string>> {
  if (pid === undefined) throw new Error(`${name} does not run`)
  const url = `http://127.0.0.1:${adminPort}/config_dump?include_eds`
  const script = `process.stdout.write(await (await fetch('${url}')).text())`
  const inPod = [`--net=/proc/${pid}/ns/net`, '--', process.execPath, '--input-type=module', '-e', script]
  const { stdout } = await promisify(execFile)('nsenter', inPod, { maxBuffer: 64 * 1024 * 1024 })
  const resources = new Map<string, string>()
  for (const { '@type': type, ...section } of (JSON.parse(stdout) as Dump).configs) {
    for (const [part, entries] of Object.entries(section)) {
      // What its bootstrap says is not of a server.
      if (!part.startsWith('dynamic_') || !Array.isArray(entries)) continue
      for (const entry of entries as readonly Entry[]) {
        // A listener that is gone is listed as long as it lets its connections end.
        if ('draining_state' in entry && !entry.active_state) continue
        const body = bodyOf(entry)
        // Its own identity, from a file.
        if (entry.name?.endsWith('.json')) continue
        resources.set(`${type.split('.').at(-1)} ${body.name ?? body.cluster_name ?? entry.name}`, JSON.stringify(body))
      }
    }
  }
  return resources
}

interface Dump {
  readonly configs: readonly ({ readonly '@type': string } & Readonly<Record<string, unknown>>)[]
}

interface Body {
  readonly name?: string
  readonly cluster_name?: string
}

type Entry = Readonly<Record<string, Body>> & { readonly name?: string; readonly active_state?: Entry }

/** The resource without when it came. */
function bodyOf({ active_state: active, ...entry }: Entry): Body {
  if (active) return bodyOf(active)
  const body = Object.values(entry).find((field) => typeof field === 'object' && '@type' in field)
  return body ?? {}
}

/** Sentences about what one has and the other has not, or otherwise. */
export function differences(held: ReadonlyMap<string, string>, fresh: ReadonlyMap<string, string>): readonly string[] {
  const names = [...new Set([...held.keys(), ...fresh.keys()])].filter((name) => held.get(name) !== fresh.get(name))
  return names.map((name) => {
    const [here, there] = [held.get(name) ?? 'absent', fresh.get(name) ?? 'absent']
    return `${name} is ${here}, and ${there} after a fresh start`
  })
}
