// What a node could leave on its machine, as names: the machine's own things, to be compared before and after, and the
// node's, of which none may be there afterwards.
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { Cgroup } from './cgroups.ts'

/** Mounts, files, network interfaces, packet filters and settings of this machine. */
export function tracesOnMachine(): Readonly<Record<string, readonly string[]>> {
  const folders = ['/etc', '/opt', '/run', '/usr/libexec', '/var/lib', '/var/log']
  const filters = ['ip_tables_names', 'ip6_tables_names', 'nf_conntrack_expect'].map((name) => `/proc/net/${name}`)
  const settings = ['net/ipv4/ip_forward', 'vm/overcommit_memory', 'kernel/panic', 'kernel/panic_on_oops']
  return {
    mounts: linesOf('/proc/self/mounts'),
    interfaces: readdirSync('/sys/class/net').sort(),
    files: folders.flatMap((folder) => readdirSync(folder).map((name) => `${folder}/${name}`)).sort(),
    filters: filters.flatMap(linesOf),
    settings: settings.flatMap((name) => linesOf(`/proc/sys/${name}`)),
  }
}

const linesOf = (file: string): readonly string[] =>
  existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').sort() : []

/** The processes of a node, its pods included, and the namespaces they live in. */
export function tracesOfNode(cgroups: readonly Cgroup[]): { processes: readonly string[]; namespaces: Set<string> } {
  const processes = [...new Set(cgroups.flatMap(({ path }) => processesIn(path)))]
  const ours = namespacesOf('self')
  const namespaces = new Set(processes.flatMap(namespacesOf).filter((namespace) => !ours.includes(namespace)))
  return { processes, namespaces }
}

/** Those of the namespaces that some process of this machine lives in. */
export function livingNamespaces(namespaces: ReadonlySet<string>): readonly string[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return [...new Set(pids.flatMap(namespacesOf))].filter((namespace) => namespaces.has(namespace))
}

function processesIn(cgroup: string): readonly string[] {
  if (!existsSync(cgroup)) return []
  const below = readdirSync(cgroup, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  const own = readFileSync(join(cgroup, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean)
  return [...own, ...below.flatMap(({ name }) => processesIn(join(cgroup, name)))]
}

function namespacesOf(pid: string): readonly string[] {
  return ['net', 'pid', 'mnt', 'ipc', 'uts', 'cgroup'].flatMap((sort) => {
    try {
      return [readlinkSync(`/proc/${pid}/ns/${sort}`)]
    } catch {
      return [] // It has ended.
    }
  })
}
