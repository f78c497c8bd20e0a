// What can befall the API server of a cluster: killed, frozen, and put back to what it held before.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { until } from '@penstock/testkit'
import type { Cluster } from '../cluster/cluster.ts'

const apiServer = 'kube-apiserver'
/** They hold what the store said, and must be restarted when it is put back. */
// https://kubernetes.io/docs/tasks/administer-cluster/configure-upgrade-etcd/#restoring-an-etcd-cluster
const itsClients = ['kube-controller-manager', 'kube-scheduler', 'kubelet', 'kube-proxy', 'address-pool']
const backDeadlineMs = 60_000

export interface ControlPlane {
  killed(meanwhile: () => Promise<void>): Promise<void>
  frozen(meanwhile: () => Promise<void>): Promise<void>
  /** Copies what etcd holds. */
  backUp(): Promise<void>
  /** `meanwhile` the API server is away. */
  putBack(meanwhile: () => Promise<void>): Promise<void>
}

export function controlPlaneOf(cluster: Cluster): ControlPlane {
  const { node } = cluster
  const store = join(cluster.dir, 'etcd')
  const copy = join(store, 'copy')
  const inside = async (...command: readonly string[]): Promise<void> => {
    const [enter = '', ...args] = node.inside(...command)
    await promisify(execFile)(enter, args)
  }
  const untilBack = (): Promise<unknown> =>
    until('the API server is back', () => cluster.kubectl(['get', '--raw=/readyz']).catch(() => ''), backDeadlineMs)
  return {
    async killed(meanwhile) {
      await node.signal(apiServer, 'KILL')
      await meanwhile()
      await cluster.restart(apiServer)
      await untilBack()
    },
    async frozen(meanwhile) {
      await node.signal(apiServer, 'STOP')
      await meanwhile()
      await node.signal(apiServer, 'CONT')
      await untilBack()
    },
    async backUp() {
      // Nothing is written while it stands still.
      await node.signal('etcd', 'STOP')
      await inside('bash', '-c', 'rm -rf "$0"; mkdir "$0"; cp -a "$(dirname "$0")/member" "$0"', copy)
      await node.signal('etcd', 'CONT')
    },
    async putBack(meanwhile) {
      for (const program of [apiServer, ...itsClients, 'etcd']) await node.signal(program, 'KILL')
      await inside('bash', '-c', 'rm -rf "$1/member" && mv "$0/member" "$1"', copy, store)
      await meanwhile()
      await cluster.restart('etcd')
      await cluster.restart(apiServer)
      await untilBack()
      for (const program of itsClients) await cluster.restart(program)
    },
  }
}
