// How etcd, the API server and the controller-manager are called: alike in the control plane that tests start alone and
// in the whole node of e2e/cluster. Nothing here is made to survive a power cut.
import { join } from 'node:path'
import { controllerManagerUser, kubeconfigPath } from './kube-credentials.ts'

const serviceRange = '10.96.0.0/16'

export function etcdArguments(dir: string, clientUrl: string, peerUrl: string): string[] {
  return [
    ...['--data-dir', dir, '--listen-client-urls', clientUrl, '--advertise-client-urls', clientUrl],
    ...['--listen-peer-urls', peerUrl, '--initial-advertise-peer-urls', peerUrl],
    ...['--initial-cluster', `default=${peerUrl}`, '--unsafe-no-fsync', '--log-level', 'error'],
    ...['--heartbeat-interval', '20', '--election-timeout', '200'],
  ]
}

/** `address` is where clients find it; `credentials` the folder of `writeKubeCredentials`. */
export function apiServerArguments(etcdUrl: string, address: string, port: number, credentials: string): string[] {
  return [
    ...[`--etcd-servers=${etcdUrl}`, `--advertise-address=${address}`, `--secure-port=${port}`],
    ...[`--cert-dir=${credentials}`, `--token-auth-file=${join(credentials, 'tokens.csv')}`],
    `--service-cluster-ip-range=${serviceRange}`,
    '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
    `--service-account-signing-key-file=${join(credentials, 'service-account.key')}`,
    `--service-account-key-file=${join(credentials, 'service-account.pub')}`,
    // For ClusterTrustBundles, which Kubernetes serves by itself from 1.37 on.
    ...['--feature-gates=ClusterTrustBundle=true', '--runtime-config=certificates.k8s.io/v1beta1=true'],
    ...['--authorization-mode=Node,RBAC', '--allow-privileged=true', '--shutdown-delay-duration=0s'],
  ]
}

export function controllerManagerArguments(credentials: string): string[] {
  const kubeconfig = kubeconfigPath(credentials, controllerManagerUser)
  return [
    ...['kubeconfig', 'authentication-kubeconfig', 'authorization-kubeconfig'].map((flag) => `--${flag}=${kubeconfig}`),
    ...['--leader-elect=false', '--use-service-account-credentials=true'],
    `--service-account-private-key-file=${join(credentials, 'service-account.key')}`,
    `--root-ca-file=${join(credentials, 'apiserver.crt')}`,
    // It makes this folder, and would make it in /usr.
    `--flex-volume-plugin-dir=${join(credentials, 'volume-plugins')}`,
    ...[`--service-cluster-ip-range=${serviceRange}`, '--kube-api-qps=500', '--kube-api-burst=1000'],
  ]
}
