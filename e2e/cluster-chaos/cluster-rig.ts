// What goes on in a cluster while something is done to it: requests, held streams and edits, from where outside clients are.
import { hostOf, loadTargets, websocketPath } from '../chaos/chaos-folder.ts'
import { type Rig, untilServing } from '../chaos/course.ts'
import { grpcStream, holdStream, webSocket } from '../chaos/held-streams.ts'
import type { Journal } from '../chaos/journal.ts'
import { createEdits } from './edits.ts'
import type { Scene } from './scene.ts'
import { ports } from './scenery.ts'

/** Resolves when all of it is served; whose processes are looked at is the caller's. */
export async function clusterRig(
  scene: Scene,
  journal: Journal,
  services: Pick<Rig, 'holders' | 'untilReady'>,
): Promise<Rig> {
  const { address } = scene
  const edits = createEdits(scene, (why) => journal.trouble('late', `an edit was refused: ${why}`))
  const targets = loadTargets(ports).map((target) => ({ ...target, address }))
  const anyHost = { port: ports.http, host: () => hostOf('grpc'), path: websocketPath, backends: [], address }
  await untilServing([...targets, anyHost])
  return {
    ...services,
    targets,
    streams: [
      (onCut) => holdStream('WebSocket', webSocket(`ws://${address}${websocketPath}`), onCut),
      (onCut) => holdStream('gRPC stream', grpcStream(`http://${address}`, hostOf('grpc')), onCut),
    ],
    nextEdit: edits.next,
    lastEdits: () => [],
  }
}
