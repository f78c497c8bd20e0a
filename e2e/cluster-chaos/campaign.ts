// The course of outages in a cluster, from where outside clients are, and whether it is then where a fresh start would be.
import { type CourseOptions, type Report, runCourse } from '../chaos/course.ts'
import { createJournal } from '../chaos/journal.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { checkStatus, compareWithFresh } from './aftermath.ts'
import { clusterRig } from './cluster-rig.ts'
import { apiServerOutages, type FaultTimes, serviceOutages, type Victims } from './faults.ts'
import { leaderOutages, type StormTimes } from './leader-outages.ts'
import { nodeOutages } from './node-outages.ts'
import { proxyOutages } from './proxy-outages.ts'
import { watchRatchets } from './ratchets.ts'
import { openScene } from './scene.ts'
import { checkStrangers } from './strangers.ts'

export interface CampaignOptions extends CourseOptions, FaultTimes, StormTimes {
  readonly victims: Victims
  /** Only outages whose names hold one of these. */
  readonly only: readonly string[]
}

export async function runCampaign(cluster: Cluster, options: CampaignOptions): Promise<Report> {
  await using scene = await openScene(cluster)
  const journal = createJournal()
  await using _ = watchRatchets(scene.kube, (what) => journal.trouble('went back', what))
  const { replicas } = scene
  const rig = await clusterRig(scene, journal, {
    holders: () => replicas.known.flatMap(({ name, pid }) => (pid === undefined ? [] : [{ name, pid }])),
    async untilReady(tell) {
      for (const what of await replicas.complaints()) tell(what)
    },
  })
  const outages = [
    ...serviceOutages(scene, options.victims, options),
    ...leaderOutages(scene, journal, options),
    ...nodeOutages(scene, options),
    ...proxyOutages(scene, options),
    ...apiServerOutages(scene, journal, options),
  ].filter(({ name }) => options.only.some((part) => name.includes(part)))

  const report = await runCourse(rig, journal, outages, options)

  await checkStatus(scene, journal)
  journal.begin('strangers')
  await checkStrangers(scene, journal, options.say)
  journal.begin('every pod deleted')
  await compareWithFresh(scene, journal)
  return report
}
