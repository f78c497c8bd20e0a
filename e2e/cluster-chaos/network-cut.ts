// A pod without its network: what it sent last is sent again once it has it back, however old it is by then.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Node } from '../cluster/node.ts'
import type { Replica } from './replicas.ts'

const run = promisify(execFile)

/** Returns what gives it back. */
export async function cutOff(node: Node, { name, pid }: Replica): Promise<() => Promise<void>> {
  if (pid === undefined) throw new Error(`${name} does not run`)
  const index = linkOf(await ip(['nsenter', `--net=/proc/${pid}/ns/net`], ['link', 'show', 'eth0']))
  const links = await ip(node.inNetwork('node'), ['-o', 'link', 'show'])
  const link = new RegExp(`^${index}: ([^@:]+)`, 'm').exec(links)?.[1]
  if (link === undefined) throw new Error(`the node has no end of the network of ${name}`)
  const set = async (state: 'down' | 'up'): Promise<void> =>
    void (await ip(node.inNetwork('node'), ['link', 'set', link, state]))
  await set('down')
  return () => set('up')
}

async function ip([enter = '', ...place]: readonly string[], args: readonly string[]): Promise<string> {
  return (await run(enter, [...place, 'ip', ...args])).stdout
}

/** The number of the other end, as `eth0@if12` tells it. */
function linkOf(shown: string): string {
  const [, index] = /eth0@if(\d+)/.exec(shown) ?? []
  if (index === undefined) throw new Error(`no network with another end: ${shown}`)
  return index
}
