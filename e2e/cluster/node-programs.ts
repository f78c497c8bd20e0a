// The programs of the node and how each is called. The control plane's share is in testkit, where tests start it alone.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  adminUser,
  apiServerArguments,
  controllerManagerArguments,
  controllerManagerUser,
  etcdArguments,
  type KubeUser,
  kubeconfigPath,
} from '@penstock/testkit'

export const nodeAddress = '172.30.0.1'
export const apiServerUrl = `https://${nodeAddress}:6443`

const nodeName = 'penstock-node'
const podRange = '10.244.0.0/24'
const etcdUrl = 'http://127.0.0.1:2379'

const schedulerUser: KubeUser = { file: 'kube-scheduler', user: 'system:kube-scheduler' }
const proxyUser: KubeUser = { file: 'kube-proxy', user: 'system:kube-proxy' }
const kubeletUser: KubeUser = { file: 'kubelet', user: `system:node:${nodeName}`, groups: ['system:nodes'] }

export const nodeUsers: readonly KubeUser[] = [adminUser, controllerManagerUser, schedulerUser, proxyUser, kubeletUser]

/** Folders that the programs are made of. */
export interface Places {
  /** The node's own. */
  readonly dir: string
  readonly credentials: string
  readonly kubernetes: string
  /** Unpacked packages. */
  readonly debian: string
}

export interface NodeProgram {
  readonly command: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
}

/** The programs by name, in the order in which they start; writes the configuration files they read. */
export function nodePrograms(places: Places): Readonly<Record<string, NodeProgram>> {
  const { dir, credentials, kubernetes } = places
  const program = (name: string, ...args: readonly string[]): NodeProgram => ({
    command: [join(kubernetes, name), ...args],
  })
  const scheduler = kubeconfigPath(credentials, schedulerUser)
  return {
    containerd: containerd(places),
    etcd: program('etcd', ...etcdArguments(join(dir, 'etcd'), etcdUrl, 'http://127.0.0.1:2380')),
    'kube-apiserver': program(
      'kube-apiserver',
      ...apiServerArguments(etcdUrl, nodeAddress, 6443, credentials),
      '--kubelet-preferred-address-types=InternalIP',
    ),
    'kube-controller-manager': program(
      'kube-controller-manager',
      ...controllerManagerArguments(credentials),
      // By default the only node is lost once the API server was frozen for 50 s, and all pods leave their Services.
      '--node-monitor-grace-period=10m',
    ),
    'kube-scheduler': program(
      'kube-scheduler',
      ...['kubeconfig', 'authentication-kubeconfig', 'authorization-kubeconfig'].map(
        (flag) => `--${flag}=${scheduler}`,
      ),
      ...['--leader-elect=false', '--kube-api-qps=500', '--kube-api-burst=1000'],
    ),
    kubelet: kubelet(places),
    'kube-proxy': kubeProxy(places),
    'address-pool': program('address-pool', '-kubeconfig', kubeconfigPath(credentials, adminUser)),
  }
}

/** The environment in which programs of unpacked packages find their libraries and one another. */
function unpacked({ debian }: Places): Readonly<Record<string, string>> {
  const folders = ['usr/sbin', 'usr/bin', 'sbin', 'bin'].map((folder) => join(debian, folder))
  return {
    PATH: [...folders, '/usr/sbin', '/usr/bin', '/sbin', '/bin'].join(':'),
    LD_LIBRARY_PATH: ['usr/lib', 'lib'].map((folder) => join(debian, folder, `${machine()}-linux-gnu`)).join(':'),
  }
}

const machine = (): string => (process.arch === 'arm64' ? 'aarch64' : 'x86_64')

/** containerd's own client, with the environment it needs. */
export const containerdClient = (places: Places): NodeProgram => ({
  command: [join(places.debian, 'usr/bin/ctr'), '--namespace', 'k8s.io'],
  environment: unpacked(places),
})

function containerd(places: Places): NodeProgram {
  const { dir, debian } = places
  const config = join(dir, 'containerd.toml')
  const networks = join(dir, 'networks')
  const cri = 'plugins."io.containerd.grpc.v1.cri"'
  // Where root lacks CAP_SYS_RESOURCE, a lowered oom_score_adj fails every pod: `restrict` asks for no lower than ours.
  keepFile(
    config,
    `version = 2
root = "${join(dir, 'containerd')}"
state = "/run/containerd"
[plugins."io.containerd.internal.v1.opt"]
  path = "${join(dir, 'opt')}"
[${cri}]
  sandbox_image = "penstock.test/pause:1"
  restrict_oom_score_adj = true
[${cri}.cni]
  bin_dir = "${join(debian, 'usr/lib/cni')}"
  conf_dir = "${networks}"
[${cri}.containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
`,
  )
  const network = {
    cniVersion: '0.4.0',
    name: 'pods',
    plugins: [
      {
        ...{ type: 'bridge', bridge: 'pods0', isGateway: true, hairpinMode: true },
        ipam: { type: 'host-local', ranges: [[{ subnet: podRange }]], routes: [{ dst: '0.0.0.0/0' }] },
      },
    ],
  }
  mkdirSync(networks, { recursive: true })
  keepFile(join(networks, 'pods.conflist'), JSON.stringify(network))
  return { command: [join(debian, 'usr/bin/containerd'), '--config', config], environment: unpacked(places) }
}

/** Leaves a file alone that is right: kube-proxy ends when its own is written, to be started again by somebody. */
function keepFile(path: string, content: string): void {
  if (!existsSync(path) || readFileSync(path, 'utf8') !== content) writeFileSync(path, content)
}

function kubelet({ dir, credentials, kubernetes }: Places): NodeProgram {
  const config = join(dir, 'kubelet.json')
  const resolvConf = join(dir, 'resolv.conf')
  keepFile(resolvConf, '')
  const settings = {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    ...{ failCgroupV1: false, cgroupDriver: 'cgroupfs', enforceNodeAllocatable: [], failSwapOn: false },
    containerRuntimeEndpoint: 'unix:///run/containerd/containerd.sock',
    // Only the API server and the pods can reach it.
    authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
    authorization: { mode: 'AlwaysAllow' },
    volumePluginDir: join(dir, 'volume-plugins'),
    ...{ resolvConf, clusterDNS: ['10.96.0.10'], clusterDomain: 'cluster.local' },
    // The disk is the machine's: how full it is says nothing about the bed.
    evictionHard: { 'memory.available': '100Mi', 'nodefs.available': '0%', 'imagefs.available': '0%' },
    ...{ imageGCHighThresholdPercent: 100, imageGCLowThresholdPercent: 99, maxPods: 250 },
    ...{ kubeAPIQPS: 200, kubeAPIBurst: 400, eventRecordQPS: 0, nodeStatusUpdateFrequency: '5s' },
  }
  keepFile(config, JSON.stringify(settings))
  const kubeconfig = kubeconfigPath(credentials, kubeletUser)
  const flags = [`--config=${config}`, `--kubeconfig=${kubeconfig}`, `--node-ip=${nodeAddress}`]
  return { command: [join(kubernetes, 'kubelet'), ...flags, `--hostname-override=${nodeName}`] }
}

function kubeProxy(places: Places): NodeProgram {
  const config = join(places.dir, 'kube-proxy.json')
  const settings = {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'nftables',
    clientConnection: { kubeconfig: kubeconfigPath(places.credentials, proxyUser) },
    ...{ hostnameOverride: nodeName, detectLocalMode: 'ClusterCIDR', clusterCIDR: podRange },
    // Limits of conntrack are the machine's.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
    // 0 would mean a second.
    nftables: { minSyncPeriod: '50ms' },
  }
  keepFile(config, JSON.stringify(settings))
  return { command: [join(places.kubernetes, 'kube-proxy'), `--config=${config}`], environment: unpacked(places) }
}
