import { describe, it, jest } from '@jest/globals'
import { kubernetesIsBuilt } from '@penstock/testkit'
import { startFakeServer } from './contract/fake-server.ts'
import { startRealServer } from './contract/real-server.ts'
import { kubeContract } from './contract.ts'

jest.setTimeout(60_000)

kubeContract('the fake API server', startFakeServer)
if (await kubernetesIsBuilt()) kubeContract('the real API server', startRealServer)
else describe.skip('the real API server', () => it('is not built here', () => {}))
