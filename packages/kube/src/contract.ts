// One contract for every API server: what our clients are told and can do, whatever stands behind the address.
import { afterAll, afterEach, beforeAll, beforeEach, describe } from '@jest/globals'
import { discoveringContract } from './contract/discovering.ts'
import { outagesContract } from './contract/outages.ts'
import { reflectingContract } from './contract/reflecting.ts'
import { replacingContract } from './contract/replacing.ts'
import { createRig, define, gateKind, type Rig, type Server } from './contract/rig.ts'
import { writingContract } from './contract/writing.ts'
import { createKube } from './kube.ts'

export function kubeContract(name: string, startServer: () => Promise<Server>): void {
  describe(name, () => {
    let server: Server
    let rig: Rig
    beforeAll(async () => {
      server = await startServer()
      await using kube = createKube({ access: await server.access(server.port), service: 'contract' })
      await define(kube, gateKind)
    }, 90_000)
    afterAll(async () => server[Symbol.asyncDispose]())
    beforeEach(async () => {
      rig = await createRig(server)
    })
    afterEach(async () => rig[Symbol.asyncDispose]())
    const current = (): Rig => rig
    reflectingContract(current)
    discoveringContract(current)
    writingContract(current)
    replacingContract(current)
    outagesContract(current)
  })
}
