// What an operator does to a running installation, one thing after the other, under load and edits without a pause.
import { setTimeout as delay } from 'node:timers/promises'
import { until } from '@penstock/testkit'
import { type CourseOptions, type Outage, type Report, runCourse } from '../chaos/course.ts'
import { createJournal } from '../chaos/journal.ts'
import { checkStatus } from '../cluster-chaos/aftermath.ts'
import { clusterRig } from '../cluster-chaos/cluster-rig.ts'
import { watchRatchets } from '../cluster-chaos/ratchets.ts'
import type { Scene } from '../cluster-chaos/scene.ts'
import { complaintsOf, podsOf } from './pods.ts'

/** One change, and what must be so once it is made. */
export interface Change extends Pick<Outage, 'name' | 'takesNoEdits' | 'proxiesEnd'> {
  make(tell: (trouble: string) => void): Promise<unknown>
}

const settleDeadlineMs = 60_000
/** Between two changes, for what shows late. */
const calmMs = 1_000

export async function runUnderTraffic(
  scene: Scene,
  namespace: string,
  changes: readonly Change[],
  options: CourseOptions,
): Promise<Report> {
  const journal = createJournal()
  await using _ = watchRatchets(scene.kube, (what) => journal.trouble('went back', what))
  const complaints = async (): Promise<readonly string[]> => complaintsOf(await podsOf(scene.kube, namespace))
  const rig = await clusterRig(scene, journal, {
    holders: () => [],
    async untilReady(tell) {
      const areWell = async (): Promise<boolean> => (await complaints()).length === 0
      await until('every pod is ready', areWell, settleDeadlineMs).catch(async () => {
        for (const what of await complaints()) tell(what)
      })
    },
  })
  const outages = changes.map(
    ({ name, make }): Outage => ({
      name,
      async strike() {
        await make((trouble) => journal.trouble('process', trouble))
        await delay(calmMs)
      },
    }),
  )
  const report = await runCourse(rig, journal, outages, options)
  await checkStatus(scene, journal)
  return report
}
