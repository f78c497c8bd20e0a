// The course of outages in a cluster, from where outside clients are, and whether it is then where a fresh start would be.
import { hostOf, loadTargets, websocketPath } from '../chaos/chaos-folder.ts'
import { type CourseOptions, type Report, type Rig, runCourse, untilServing } from '../chaos/course.ts'
import { grpcStream, holdStream, webSocket } from '../chaos/held-streams.ts'
import { createJournal, type Journal } from '../chaos/journal.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { checkStatus, compareWithFresh } from './aftermath.ts'
import { createEdits } from './edits.ts'
import { apiServerOutages, type FaultTimes, serviceOutages, type Victims } from './faults.ts'
import { leaderOutages, type StormTimes } from './leader-outages.ts'
import { nodeOutages } from './node-outages.ts'
import { proxyOutages } from './proxy-outages.ts'
import { watchRatchets } from './ratchets.ts'
import { openScene, type Scene } from './scene.ts'
import { ports } from './scenery.ts'
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
  const rig = rigOf(scene, journal)
  const anyHost = { port: ports.http, host: () => hostOf('grpc'), path: websocketPath, backends: [] }
  await untilServing([...rig.targets, { ...anyHost, address: scene.address }])
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

function rigOf(scene: Scene, journal: Journal): Rig {
  const { address, replicas } = scene
  const edits = createEdits(scene, (why) => journal.trouble('late', `an edit was refused: ${why}`))
  return {
    targets: loadTargets(ports).map((target) => ({ ...target, address })),
    streams: [
      (onCut) => holdStream('WebSocket', webSocket(`ws://${address}${websocketPath}`), onCut),
      (onCut) => holdStream('gRPC stream', grpcStream(`http://${address}`, hostOf('grpc')), onCut),
    ],
    nextEdit: edits.next,
    lastEdits: () => [],
    holders: () => replicas.known.flatMap(({ name, pid }) => (pid === undefined ? [] : [{ name, pid }])),
    async untilReady(tell) {
      for (const what of await replicas.complaints()) tell(what)
    },
  }
}
