// The node's own cgroups: one below ours in every v1 hierarchy. They bound nothing; they are the root that kubelet and
// containerd see, and removing them shows that nothing is left.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Cgroup {
  readonly controller: string
  readonly path: string
}

const root = '/sys/fs/cgroup'

const prefix = 'penstock-node-'

/** Makes the cgroups, all of one name, which begins with the maker's process. */
export function createCgroups(name: string): readonly Cgroup[] {
  const created: Cgroup[] = []
  for (const { controller, parent } of ownCgroups()) {
    const path = join(parent, `${prefix}${name}`)
    mkdirSync(path)
    // A new cpuset is empty, and nothing can run in an empty one.
    if (controller === 'cpuset') {
      for (const file of ['cpuset.cpus', 'cpuset.mems'])
        writeFileSync(join(path, file), readFileSync(join(parent, file)))
    }
    created.push({ controller, path })
  }
  return created
}

/** Removes what is left of nodes whose maker was killed, and the node with it. */
export function removeAbandonedCgroups(): void {
  for (const { parent } of ownCgroups()) {
    for (const name of readdirSync(parent)) {
      const maker = new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1]
      // A node that lives keeps its cgroups: they cannot be removed.
      if (maker && !existsSync(`/proc/${maker}`)) removeTree(join(parent, name))
    }
  }
}

/** The cgroups that this process is in. */
function ownCgroups(): readonly { controller: string; parent: string }[] {
  const found: { controller: string; parent: string }[] = []
  for (const line of readFileSync('/proc/self/cgroup', 'utf8').trim().split('\n')) {
    const [, controller = '', ours = ''] = line.split(':')
    const hierarchy = join(root, controller.replace(/^name=/, ''))
    if (controller !== '' && existsSync(hierarchy)) found.push({ controller, parent: join(hierarchy, ours) })
  }
  return found
}

/** Removes the cgroups with all below them; answers those that something still lives in. */
export function removeCgroups(cgroups: readonly Cgroup[]): readonly string[] {
  return cgroups.map(({ path }) => path).filter((path) => !removeTree(path))
}

function removeTree(path: string): boolean {
  if (!existsSync(path)) return true
  try {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      if (entry.isDirectory()) removeTree(join(path, entry.name))
    }
    rmdirSync(path)
    return true
  } catch {
    return false
  }
}
