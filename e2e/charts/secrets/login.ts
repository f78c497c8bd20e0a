// A kubeconfig of a ServiceAccount and nothing else.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ControlPlane } from '@penstock/testkit'

interface Kubeconfig {
  readonly users: readonly { readonly name: string }[]
}

/** Its file. */
export async function loginOf(plane: ControlPlane, namespace: string, account: string): Promise<string> {
  const token = (await plane.kubectl('--namespace', namespace, 'create', 'token', account)).trim()
  const login = JSON.parse(await plane.kubectl('config', 'view', '--raw', '--output=json')) as Kubeconfig
  const file = join(plane.dir, `${account}.kubeconfig`)
  await writeFile(file, JSON.stringify({ ...login, users: login.users.map(({ name }) => ({ name, user: { token } })) }))
  return file
}
