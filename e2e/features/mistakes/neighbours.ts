// Those who did nothing wrong: a standing set of routes of every kind, asked all the time.
import { setTimeout as delay } from 'node:timers/promises'
import { callGrpc, type EchoBackend, until } from '@penstock/testkit'
import { type Load, type Outcome, startLoad } from '../../chaos/load.ts'
import { pairs } from '../../plane-envoy/certificates.ts'
import { endpointSlice, httpRoute, type Manifest, service, tlsSecret } from '../manifests.ts'

export const hosts = {
  plain: 'plain.neighbour.example',
  weighted: 'weighted.neighbour.example',
  wildcard: '*.wild.neighbour.example',
  calls: 'calls.neighbour.example',
  secure: 'secure.neighbour.example',
} as const

/** `calls`: where the gRPC service runs. */
export const neighbours = (calls: EchoBackend): readonly Manifest[] => [
  httpRoute('plain', { host: hosts.plain }),
  httpRoute('weighted', { host: hosts.weighted, backends: { v1: 1, v2: 1 } }),
  httpRoute('wildcard', { host: hosts.wildcard }),
  httpRoute('secure', { host: hosts.secure }),
  tlsSecret('secure', pairs.one),
  grpcRoute,
  service('calls'),
  endpointSlice('calls', calls.port),
]

const grpcRoute: Manifest = {
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'GRPCRoute',
  metadata: { name: 'calls' },
  spec: {
    parentRefs: [{ name: 'gw' }],
    hostnames: [hosts.calls],
    rules: [{ backendRefs: [{ name: 'calls', port: 80 }] }],
  },
}

export interface NeighbourLoad extends AsyncDisposable {
  /** Requests that were answered, rightly or not. */
  readonly answered: number
  /** One line each. */
  readonly failures: readonly string[]
  /** Waits until each of them was asked again and answered. */
  askedAgain(): Promise<void>
}

const perSecond = 200
const paceMs = 15

export function startNeighbourLoad({ http, https }: { http: number; https: number }): NeighbourLoad {
  const failures: string[] = []
  let answered = 0
  let calls = 0
  let stopped = false
  const note = (what: string, failure: string | undefined): void => {
    answered += 1
    if (failure !== undefined) failures.push(`${what}: ${failure}`)
  }
  const load: Load = startLoad({
    perSecond,
    targets: [
      { port: http, host: () => hosts.plain, backends: ['v1'] },
      { port: http, host: () => hosts.weighted, backends: ['v1', 'v2'] },
      { port: http, host: (n) => hosts.wildcard.replace('*', `w${n}`), backends: ['v1'] },
      { port: https, host: () => hosts.secure, tls: true, backends: ['v1'] },
    ],
    onScheduled: () => (outcome: Outcome) => note(outcome.asked, outcome.failure),
  })
  const call = async (): Promise<void> => {
    for (; !stopped; await delay(paceMs)) {
      const answer = await callGrpc({ port: http, host: hosts.calls, path: '/some.Service/Method' }).catch(String)
      const good = typeof answer !== 'string' && answer.grpcStatus === 0 && answer.echo?.backend === 'calls'
      note(hosts.calls, good ? undefined : JSON.stringify(answer))
      calls += 1
    }
  }
  const calling = call()
  return {
    get answered() {
      return answered
    },
    failures,
    async askedAgain() {
      const before = { calls, answered }
      // Twice all five: those that were under way may have been asked before.
      const isAsked = (): boolean => calls >= before.calls + 2 && answered >= before.answered + 10
      await until('the neighbours were asked', isAsked)
    },
    async [Symbol.asyncDispose]() {
      stopped = true
      await Promise.all([load.stop(), calling])
    },
  }
}
