// The rig of the real API server, with its etcd.
import { startControlPlane } from '@penstock/testkit'
import { accessByKubeconfig } from '../kubeconfig.ts'
import type { Server } from './rig.ts'

export async function startRealServer(): Promise<Server> {
  const plane = await startControlPlane()
  const { apiServer } = plane
  return {
    port: Number(new URL(plane.url).port),
    async access(port) {
      const access = await accessByKubeconfig({ file: plane.kubeconfig })
      return { ...access, server: new URL(`https://127.0.0.1:${port}`) }
    },
    kill: () => apiServer.kill(),
    start: () => apiServer.start(),
    freeze: () => process.kill(apiServer.pid, 'SIGSTOP'),
    thaw: () => process.kill(apiServer.pid, 'SIGCONT'),
    [Symbol.asyncDispose]: () => plane.stop(),
  }
}
