// The programs of Kubernetes, built by tools/programs: etcd, kube-apiserver, kubectl and the rest, in one folder.
import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'

const root = resolve(import.meta.dirname, '../../..')
let found: Promise<string> | undefined

/** The folder that KUBERNETES_BIN names, else that of the built programs; rejects when nobody built them. */
export function kubernetesFolder(): Promise<string> {
  found ??= find()
  return found
}

/**
 * Whether tests on a real API server can run here. Building it takes minutes, so without it they are skipped, in a
 * sentence; in CI they are not.
 */
export async function kubernetesIsBuilt(): Promise<boolean> {
  try {
    await kubernetesFolder()
    return true
  } catch (error) {
    if (process.env['CI']) throw error
    console.warn(
      'not run, no Kubernetes is built (node tools/programs/build.ts kubernetes): tests on a real API server',
    )
    return false
  }
}

async function find(): Promise<string> {
  const named = process.env['KUBERNETES_BIN']
  if (named) return named
  const ask = [resolve(root, 'tools/programs/build.ts'), '--where', 'kubernetes']
  const { stdout } = await promisify(execFile)(process.execPath, ask)
  return stdout.trim()
}
