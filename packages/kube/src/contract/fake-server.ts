// The rig of the fake API server.
import { type FakeKubeApi, startFakeKubeApi } from '@penstock/testkit'
import { accessTo } from '../access.ts'
import type { Server } from './rig.ts'

export async function startFakeServer(): Promise<Server & { readonly api: FakeKubeApi }> {
  const api = await startFakeKubeApi()
  return {
    api,
    port: Number(new URL(api.url).port),
    access: async (port) => accessTo(`http://127.0.0.1:${port}`, { token: 'admin' }),
    kill: () => api.kill(),
    start: () => api.start(),
    freeze: () => api.freeze(),
    thaw: () => api.thaw(),
    [Symbol.asyncDispose]: () => api[Symbol.asyncDispose](),
  }
}
