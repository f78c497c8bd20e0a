// What an operator does to a running installation, one thing after the other, under load and edits without a pause.
import { setTimeout as delay } from 'node:timers/promises'
import { until } from '@penstock/testkit'
import { hostOf, loadTargets, websocketPath } from '../chaos/chaos-folder.ts'
import { type CourseOptions, type Outage, type Report, type Rig, runCourse, untilServing } from '../chaos/course.ts'
import { grpcStream, holdStream, webSocket } from '../chaos/held-streams.ts'
import { createJournal, type Journal } from '../chaos/journal.ts'
import { checkStatus } from '../cluster-chaos/aftermath.ts'
import { createEdits } from '../cluster-chaos/edits.ts'
import { watchRatchets } from '../cluster-chaos/ratchets.ts'
import type { Scene } from '../cluster-chaos/scene.ts'
import { ports } from '../cluster-chaos/scenery.ts'
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
  const rig = rigOf(scene, namespace, journal)
  const anyHost = { port: ports.http, host: () => hostOf('grpc'), path: websocketPath, backends: [] }
  await untilServing([...rig.targets, { ...anyHost, address: scene.address }])
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

function rigOf(scene: Scene, namespace: string, journal: Journal): Rig {
  const { address, kube } = scene
  const edits = createEdits(scene, (why) => journal.trouble('late', `an edit was refused: ${why}`))
  const complaints = async (): Promise<readonly string[]> => complaintsOf(await podsOf(kube, namespace))
  return {
    targets: loadTargets(ports).map((target) => ({ ...target, address })),
    streams: [
      (onCut) => holdStream('WebSocket', webSocket(`ws://${address}${websocketPath}`), onCut),
      (onCut) => holdStream('gRPC stream', grpcStream(`http://${address}`, hostOf('grpc')), onCut),
    ],
    nextEdit: edits.next,
    lastEdits: () => [],
    holders: () => [],
    async untilReady(tell) {
      const areWell = async (): Promise<boolean> => (await complaints()).length === 0
      await until('every pod is ready', areWell, settleDeadlineMs).catch(async () => {
        for (const what of await complaints()) tell(what)
      })
    },
  }
}
