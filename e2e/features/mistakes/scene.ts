// One stack for all mistakes: neighbours under load on a Gateway of their own, and a culprit on another that shares its
// ports. Without a mistake the culprit serves, too.
import { startGrpcBackend, until } from '@penstock/testkit'
import { gateway, gatewayClass, httpRoute, type Manifest } from '../manifests.ts'
import { type Rig, startRig } from '../rig.ts'
import { culpritHosts, goodCulprit, type Ports } from './culprit.ts'
import { foreignSealer } from './foreign-sealer.ts'
import type { Answer } from './mistake.ts'
import { disturbed, partsIn } from './neighbour-bytes.ts'
import { hosts, type NeighbourLoad, neighbours, startNeighbourLoad } from './neighbours.ts'

export interface Scene extends AsyncDisposable {
  readonly rig: Rig
  readonly ports: Ports
  readonly load: NeighbourLoad
  /** Replaces what the culprit has; resolves once it is in force, as far as it can be. */
  become(culprit: readonly (Manifest | string)[]): Promise<void>
  /** What of the neighbours was sent since then. */
  disturbedSince(message: number): readonly string[]
  /** How requests to the culprit are answered. */
  ask(host: keyof typeof culpritHosts): Promise<Answer>
}

export async function startScene(): Promise<Scene> {
  await using stack = new AsyncDisposableStack()
  const calls = stack.use(await startGrpcBackend('calls'))
  const rig = stack.use(await startRig({ 'neighbours.yaml': neighbours(calls) }, { watcherSealer: foreignSealer }))
  const ports: Ports = { http: rig.port, https: rig.port + 1 }
  const ask: Scene['ask'] = async (host) => {
    const secure = host === 'secure' && { port: ports.https, tls: true }
    const answer = await rig.ask({ host: culpritHosts[host], ...secure }).catch(() => undefined)
    return answer?.status ?? 'closed'
  }
  await rig.edit(() => {
    const https = { name: 'https', port: ports.https, hostname: hosts.secure, secret: 'secure' }
    rig.write('gateway.yaml', gatewayClass(), gateway({ name: 'http', port: ports.http }, https))
  })
  const settle = createSettling(rig)
  const isServing = async (): Promise<boolean> => {
    const plain = await rig.ask({ host: hosts.plain })
    const secure = await rig.ask({ host: hosts.secure, port: ports.https, tls: true }).catch(() => undefined)
    return plain.status === 200 && secure?.status === 200
  }
  await until('the neighbours serve', isServing)
  const before = partsIn(rig.tap.messages)
  const load = stack.use(startNeighbourLoad(ports))
  const become: Scene['become'] = async (culprit) => {
    rig.write('culprit.yaml', ...culprit)
    await settle()
  }
  await become(goodCulprit(ports))
  const keep = stack.move()
  return {
    ...{ rig, ports, load, become, ask },
    disturbedSince: (message) => disturbed(before, rig.tap.messages.slice(message)),
    [Symbol.asyncDispose]: () => keep.disposeAsync(),
  }
}

const markerHost = 'marker.example'
const markerKey = 'http_rule/HTTPRoute/default/marker/#0'

/** By an edit of a route that has nothing to do with anything: channels are in order, so it is in force last. */
function createSettling({ write, view }: Rig): () => Promise<void> {
  let edit = 0
  return async () => {
    edit += 1
    const mark = `"mark-${edit}"`
    write('marker.yaml', httpRoute('marker', { host: markerHost, answerHeaders: { 'x-mark': `mark-${edit}` } }))
    const isTranslated = (): boolean => JSON.stringify(view.ir.values.get(markerKey) ?? '').includes(mark)
    await until(`${mark} is translated`, isTranslated)
    const commit = view.ir.last
    await until(`${mark} is acknowledged`, () => {
      const proxies = view.proxies()
      return proxies.length > 0 && proxies.every(({ acknowledgedCommit }) => acknowledgedCommit >= commit)
    })
  }
}
