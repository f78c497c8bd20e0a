// What a machine must have to carry a whole Kubernetes node, and what it lacks, in one sentence.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { cacheFolder } from '@penstock/tools/cache'
import { findProgram, programNames } from '@penstock/tools/programs'

/**
 * Whether tests can run on a cluster here. Building its programs takes minutes, so only CI waits for that, and there a
 * machine that cannot carry a node is an error; elsewhere such tests are skipped, in a sentence.
 */
export function canRunCluster(): boolean {
  const unbuilt = programNames.filter((name) => !findProgram(name))
  const builds =
    unbuilt.length > 0 ? `it needs programs (node tools/programs/build.ts ${unbuilt.join(' ')})` : undefined
  const lack = lackOfMachine() ?? builds
  if (lack === undefined) return true
  const sentence = `no Kubernetes node here: ${lack}; not run: tests of pods, services, DNS and conformance`
  if (isRequired()) throw new Error(sentence)
  console.warn(sentence)
  return false
}

/** In CI a machine must carry a node, unless PENSTOCK_CLUSTER=if-possible says that it need not. */
export const isRequired = (): boolean =>
  process.env['CI'] !== undefined && process.env['PENSTOCK_CLUSTER'] !== 'if-possible'

/** What is missing here, or undefined: then the node starts. */
export function lackOfMachine(): string | undefined {
  if (process.platform !== 'linux') return `it needs Linux, and this is ${process.platform}`
  if (process.getuid?.() !== 0) return 'it needs root'
  const missing = ['unshare', 'nsenter', 'ip', 'mount', 'tar', 'apt-get', 'dpkg-deb'].filter((name) => !isCommand(name))
  if (missing.length > 0) return `it needs ${missing.join(', ')}`
  if (!existsSync('/sys/fs/cgroup/memory/cgroup.procs')) return 'it needs cgroup v1 hierarchies'
  const filesystems = readFileSync('/proc/filesystems', 'utf8')
  if (!/\boverlay$/m.test(filesystems)) return 'it needs overlayfs in the kernel'
  const hidden = [cacheFolder(), import.meta.dirname].find((folder) => /^\/var\/(lib|log)\//.test(folder))
  if (hidden) return `it covers /var/lib and /var/log, where ${hidden} is`
  return succeeds('unshare', ['--mount', '--net', '--pid', '--fork', 'true']) ? undefined : 'it may not make namespaces'
}

function isCommand(name: string): boolean {
  return succeeds('sh', ['-c', `command -v ${name}`])
}

function succeeds(command: string, args: readonly string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
