// How long a proxy may take to end, and the secret by which an Envoy is asked to.
import { createHmac } from 'node:crypto'
import { defaultDrainSeconds, type Infra, type Source } from '@penstock/ir'

export const drainSecondsOf = ({ parameters }: Pick<Infra, 'parameters'>): number =>
  parameters?.drainSeconds ?? defaultDrainSeconds

/** Kubernetes ends by force what takes longer: enough for the drain and what goes before and after it. */
export const graceSecondsOf = (drainSeconds: number): number => drainSeconds + 15

/**
 * The same for every infra-manager and for as long as the Gateway lives, as a change of it starts pods anew. With a key
 * nobody can know it who sees no pod of the fleet; without one, nobody who does not see the Gateway.
 */
export const drainSecretOf = ({ uid }: Source, key: string | Buffer = ''): string =>
  createHmac('sha256', key).update(`drain/${uid}`).digest('hex').slice(0, 32)
