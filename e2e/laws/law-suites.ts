// The laws of packages/incremental/LAWS.md as properties: on the toy graph, on the translation and on the planes.
import { checkColdStart, checkLaws, failing, type History } from '@penstock/incremental/laws'
import { createToy, history as toyHistories } from '@penstock/incremental/toy'
import { type Fact, histories } from '@penstock/translate/histories'
import { checkHeld, createSubject } from '@penstock/translate/subject'
import fc from 'fast-check'
import { createPlaneSubject, planeHistories } from './plane-subject.ts'

export interface LawSuite {
  readonly name: string
  /** `seen` is told every history, before it is checked. */
  property(seen: (history: History<unknown>) => void): fc.IProperty<unknown>
}

const seed = fc.integer()
/** Each Gateway with proxies of its own, or all with the same. */
const fleets = fc.constantFrom(undefined, 'local')

export const lawSuites: readonly LawSuite[] = [
  suite('toy: laws 1 to 7', toyHistories, (history, chance) => checkLaws(() => createToy(), history, chance)),
  suite('toy: held', toyHistories, (history, chance) =>
    checkColdStart({
      build: (options) => createToy(options, false),
      changes: history.flat(),
      fail: failing(chance),
    }),
  ),
  suite('translation: laws 1 to 7', histories, (history: History<Fact>, chance, fleet) =>
    checkLaws(() => createSubject({ fleet }), history, chance),
  ),
  suite('translation: held', histories, (history: History<Fact>, chance) => checkHeld(history.flat(), chance)),
  suite('Envoy plane: laws 1 to 7', planeHistories, (history, chance, fleet) =>
    checkLaws(() => createPlaneSubject({ fleet, sharedFrom: 1 + (chance & 1) }), history, chance),
  ),
  suite('agentgateway plane: laws 1 to 7', planeHistories, (history, chance, fleet) =>
    checkLaws(() => createPlaneSubject({ plane: 'agentgateway', fleet }), history, chance),
  ),
]

function suite<V>(
  name: string,
  arbitrary: fc.Arbitrary<History<V>>,
  check: (history: History<V>, chance: number, fleet: string | undefined) => void,
): LawSuite {
  return {
    name,
    property: (seen) =>
      fc.property(arbitrary, seed, fleets, (history, chance, fleet) => {
        seen(history)
        check(history, chance, fleet)
      }) as fc.IProperty<unknown>,
  }
}
