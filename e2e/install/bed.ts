// The charts on a clean node: installed by the page of the manual, put through what an operator does with them, removed.
import { join, resolve } from 'node:path'
import { openCluster, runInNetwork, startCluster } from '../cluster/cluster.ts'
import { isRequired, lackOfMachine } from '../cluster/machine.ts'
import { removeNode } from '../cluster/node.ts'
import { type CoursesOptions, runCourses } from './courses.ts'
import { loadImages } from './images.ts'
import { createStopwatch } from './stopwatch.ts'

export interface BedOptions extends CoursesOptions {
  /** Leaves the cluster. */
  readonly keep: boolean
}

const folder = resolve(import.meta.dirname, '../../.penstock/charts-cluster')

/** Answers an exit code: 0 when all went as it must. */
export async function runBed({ keep, ...options }: BedOptions): Promise<number> {
  const lack = lackOfMachine()
  if (lack !== undefined) {
    console.error(`no Kubernetes node on this machine: ${lack}. Not run: the charts in a cluster.`)
    return isRequired() ? 1 : 0
  }
  await removeNode(folder)
  const { step, say } = createStopwatch()
  const life = keep ? 'outlives this process' : 'ends with this process'
  const cluster = await startCluster(folder, say, life, 'nothing')
  try {
    await step('images', () => loadImages(cluster))
    const inside = [process.execPath, join(import.meta.dirname, 'inside.ts'), JSON.stringify(options)]
    return await runInNetwork(cluster, 'outside', inside)
  } finally {
    if (!keep) await cluster.stop()
  }
}

/** From where outside clients are. */
export async function runInside(options: CoursesOptions): Promise<number> {
  return await runCourses(await openCluster(folder), options)
}
