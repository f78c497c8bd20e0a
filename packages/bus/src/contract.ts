// One contract for every bus (design section 3): whatever stands below, services see the same.
import { afterAll, afterEach, beforeAll, beforeEach, describe } from '@jest/globals'
import { commitsContract } from './contract/commits.ts'
import { comparingContract } from './contract/comparing.ts'
import { failuresContract } from './contract/failures.ts'
import { fireContract } from './contract/fire.ts'
import { leadAfterContract } from './contract/lead-after.ts'
import { leadingContract } from './contract/leading.ts'
import { lostPastContract } from './contract/lost-past.ts'
import { sharedContract } from './contract/many-writers.ts'
import { orderContract } from './contract/order.ts'
import { readingContract } from './contract/reading.ts'
import { recordsContract } from './contract/records.ts'
import { type Broker, createRig, type Rig } from './contract/rig.ts'
import { sealingContract } from './contract/sealing.ts'
import { versionsContract } from './contract/versions.ts'

export function busContract(name: string, start: () => Promise<Broker>): void {
  describe(name, () => {
    let broker: Broker
    let rig: Rig
    beforeAll(async () => {
      broker = await start()
    })
    afterAll(async () => broker[Symbol.asyncDispose]())
    beforeEach(() => {
      rig = createRig(broker)
    })
    afterEach(async () => rig[Symbol.asyncDispose]())
    const current = (): Rig => rig
    commitsContract(current)
    readingContract(current)
    failuresContract(current)
    comparingContract(current)
    versionsContract(current)
    orderContract(current)
    recordsContract(current)
    sealingContract(current)
    lostPastContract(current)
    fireContract(current)
    leadingContract(current)
    leadAfterContract(current)
    sharedContract(current)
  })
}
