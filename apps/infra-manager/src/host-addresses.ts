// Which address of this machine each fleet has: the one that its Gateway asks for, else one of its own, remembered from run
// to run. The first Gateway gets 127.0.0.1, where people look first; the others one each from 127.0.1.2 on (127.0.1.1 is the
// machine's own name on Debian).
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { isIPv4 } from 'node:net'
import type { Infra } from '@penstock/ir'
import { listeningAddresses, whyClosed } from './host-ports.ts'

export interface HostAddresses {
  /** The same again and again, as long as the fleet asks for no other. */
  give(infra: Pick<Infra, 'fleet' | 'addresses' | 'ports'>): Promise<GivenAddress>
  fleets(): string[]
  /** The fleet is no more. */
  release(fleet: string): void
}

/** The problem is a sentence. */
export type GivenAddress = { readonly address: string } | { readonly problem: string }

const ours = '127.0.0.0/8'
const first = '127.0.0.1'

/** `file` remembers what is given. */
export function createHostAddresses(file: string): HostAddresses {
  const given = new Map(Object.entries(readBook(file)))
  /** Two at once would both find the same one free. */
  let giving: Promise<unknown> = Promise.resolve()
  const keep = (fleet: string, address: string): GivenAddress => {
    if (given.get(fleet) !== address) {
      writeBook(file, new Map(given).set(fleet, address))
      given.set(fleet, address)
    }
    return { address }
  }
  const give: HostAddresses['give'] = async ({ fleet, addresses, ports }) => {
    const wish = addresses.find(({ value }) => value !== '')?.value
    const wanted = wish ?? given.get(fleet) ?? (await freeAddress(new Set(given.values()), ports))
    if (!isOurs(wanted)) return { problem: `${wanted} is not within ${ours}: no local proxy can listen there.` }
    const holder = [...given].find(([other, address]) => other !== fleet && address === wanted)?.[0]
    if (holder !== undefined) return { problem: `${wanted} is the address of Gateway ${holder.replace('~', '/')}.` }
    if ((await whyClosed(wanted, 0)) === 'EADDRNOTAVAIL') return { problem: absent(wanted) }
    return keep(fleet, wanted)
  }
  return {
    give(infra) {
      const given = giving.then(() => give(infra))
      giving = given.catch(() => {})
      return given
    },
    fleets: () => [...given.keys()],
    release(fleet) {
      if (!given.delete(fleet)) return
      try {
        writeBook(file, given)
      } catch {
        // The book says one too many, which the next start gives back.
      }
    },
  }
}

const isOurs = (address: string): boolean => isIPv4(address) && address.startsWith('127.')

/** On Linux all of 127.0.0.0/8 is there; elsewhere what is to be used has to be added. */
const absent = (address: string): string =>
  `This machine has no address ${address}; add it, on macOS with "sudo ifconfig lo0 alias ${address}".`

async function freeAddress(taken: ReadonlySet<string>, ports: Infra['ports']): Promise<string> {
  if (!taken.has(first) && (await areFree(first, ports))) return first
  const foreign = listeningAddresses()
  for (let at = 2; at < 0xffff; at += 1) {
    const address = `127.0.${1 + (at >> 8)}.${at & 0xff}`
    const isHost = (at & 0xff) !== 0 && (at & 0xff) !== 0xff
    if (isHost && !taken.has(address) && !foreign.has(address)) return address
  }
  throw new Error(`all of 127.0.0.0/16 is given away`)
}

async function areFree(address: string, ports: Infra['ports']): Promise<boolean> {
  const reasons = await Promise.all(ports.map(({ port }) => whyClosed(address, port)))
  return !reasons.includes('EADDRINUSE')
}

function readBook(file: string): Record<string, string> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>
  } catch {
    // None yet, or a disk that lost it: then addresses are given anew.
    return {}
  }
}

function writeBook(file: string, book: ReadonlyMap<string, string>): void {
  writeFileSync(`${file}.next`, `${JSON.stringify(Object.fromEntries([...book].sort()), null, 2)}\n`)
  renameSync(`${file}.next`, file)
}
