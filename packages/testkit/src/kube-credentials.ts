// Who may talk to an API server of ours, and how: a token for each user, and a kubeconfig that holds it. The server
// makes its own certificate (`apiserver.crt` in the same folder), which is also what clients trust.
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface KubeUser {
  /** Names the kubeconfig: `<file>.kubeconfig`. */
  readonly file: string
  readonly user: string
  readonly groups?: readonly string[]
}

export const adminUser: KubeUser = { file: 'admin', user: 'admin', groups: ['system:masters'] }

export const controllerManagerUser: KubeUser = {
  file: 'kube-controller-manager',
  user: 'system:kube-controller-manager',
}

/** Where a user's kubeconfig lies. */
export const kubeconfigPath = (dir: string, { file }: KubeUser): string => join(dir, `${file}.kubeconfig`)

/** Writes tokens, the key that signs service account tokens, and a kubeconfig for every user. */
export async function writeKubeCredentials(dir: string, url: string, users: readonly KubeUser[]): Promise<void> {
  await mkdir(dir, { recursive: true })
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  await writeFile(join(dir, 'service-account.key'), privateKey.export({ type: 'sec1', format: 'pem' }), { mode: 0o600 })
  await writeFile(join(dir, 'service-account.pub'), publicKey.export({ type: 'spki', format: 'pem' }))
  const lines: string[] = []
  for (const user of users) {
    const token = randomBytes(24).toString('hex')
    lines.push(`${token},${user.user},${user.file},"${user.groups?.join(',') ?? ''}"`)
    await writeFile(kubeconfigPath(dir, user), kubeconfig(dir, url, token), { mode: 0o600 })
  }
  await writeFile(join(dir, 'tokens.csv'), `${lines.join('\n')}\n`, { mode: 0o600 })
}

/** JSON, which is YAML too. */
function kubeconfig(dir: string, url: string, token: string): string {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'penstock', cluster: { server: url, 'certificate-authority': join(dir, 'apiserver.crt') } }],
    users: [{ name: 'penstock', user: { token } }],
    contexts: [{ name: 'penstock', context: { cluster: 'penstock', user: 'penstock' } }],
    'current-context': 'penstock',
  }
  return `${JSON.stringify(config, null, 2)}\n`
}
