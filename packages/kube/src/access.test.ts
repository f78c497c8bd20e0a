// Who we are, in a pod and by a kubeconfig.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { accessInCluster } from './in-cluster.ts'
import { accessByKubeconfig } from './kubeconfig.ts'

describe('access', () => {
  let dir: string
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'penstock-access-'))
  })
  afterEach(() => rm(dir, { recursive: true }))

  const kubeconfig = async (user: object, cluster: object = {}, context = 'one'): Promise<string> => {
    const file = join(dir, 'kubeconfig')
    const config = {
      clusters: [{ name: 'c', cluster: { server: 'https://10.0.0.1:6443/prefix', ...cluster } }],
      users: [{ name: 'u', user }],
      contexts: [{ name: 'one', context: { cluster: 'c', user: 'u', namespace: 'ours' } }],
      'current-context': context,
    }
    await writeFile(file, JSON.stringify(config))
    return file
  }

  it('in a pod is its service account, whose token changes in place', async () => {
    await writeFile(join(dir, 'token'), 'first\n')
    await writeFile(join(dir, 'ca.crt'), 'ca')
    await writeFile(join(dir, 'namespace'), 'penstock-system')
    const address = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' }
    const access = await accessInCluster(dir, address)
    expect(access?.server.href).toBe('https://[fd00::1]/')
    expect(access?.namespace).toBe('penstock-system')
    expect(await access?.credentials()).toEqual({
      headers: { authorization: 'Bearer first' },
      tls: { ca: Buffer.from('ca') },
    })
    await writeFile(join(dir, 'token'), 'second')
    expect((await access?.credentials())?.headers).toEqual({ authorization: 'Bearer first' })
    access?.refresh()
    expect((await access?.credentials())?.headers).toEqual({ authorization: 'Bearer second' })
  })

  it('is none outside of a cluster', async () => {
    expect(await accessInCluster(dir, {})).toBeUndefined()
    expect(await accessInCluster(dir, { KUBERNETES_SERVICE_HOST: '10.0.0.1' })).toBeUndefined()
  })

  it('by a kubeconfig has its server, namespace, certificates and token', async () => {
    const data = (text: string): string => Buffer.from(text).toString('base64')
    const user = { token: 'secret', 'client-certificate-data': data('cert'), 'client-key-data': data('key') }
    const file = await kubeconfig(user, { 'certificate-authority-data': data('ca'), 'tls-server-name': 'kubernetes' })
    const access = await accessByKubeconfig({ file })
    expect(access.server.href).toBe('https://10.0.0.1:6443/prefix')
    expect(access.namespace).toBe('ours')
    const { headers, tls } = await access.credentials()
    expect(headers).toEqual({ authorization: 'Bearer secret' })
    const { servername, ...pem } = tls
    expect(servername).toBe('kubernetes')
    expect(Object.fromEntries(Object.entries(pem).map(([name, value]) => [name, String(value)]))).toEqual({
      ca: 'ca',
      cert: 'cert',
      key: 'key',
    })
  })

  it('by a kubeconfig runs its plugin, and again when the server does not know us', async () => {
    const counter = join(dir, 'runs')
    const script = `printf x >> ${counter}; printf '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"run-%s"}}' "$(wc -c < ${counter} | tr -d ' ')"`
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: '/bin/sh', args: ['-c', script] }
    const access = await accessByKubeconfig({ file: await kubeconfig({ exec }) })
    expect((await access.credentials()).headers).toEqual({ authorization: 'Bearer run-1' })
    expect((await access.credentials()).headers).toEqual({ authorization: 'Bearer run-1' })
    access.refresh()
    expect((await access.credentials()).headers).toEqual({ authorization: 'Bearer run-2' })
  })

  it('by a kubeconfig without TLS works, as behind `kubectl proxy`', async () => {
    const access = await accessByKubeconfig({ file: await kubeconfig({}, { server: 'http://127.0.0.1:8001' }) })
    expect(await access.credentials()).toMatchObject({ headers: {} })
  })

  it('fails in a sentence when nothing says which API server, instead of asking whoever listens on this machine', async () => {
    const { KUBECONFIG, HOME } = process.env
    delete process.env['KUBECONFIG']
    process.env['HOME'] = dir
    try {
      const opened = accessByKubeconfig()
      await expect(opened).rejects.toMatchObject({ code: 'kube_misconfigured' })
      await expect(opened).rejects.toThrow('PENSTOCK_KUBECONFIG')
    } finally {
      Object.assign(process.env, { HOME }, KUBECONFIG === undefined ? {} : { KUBECONFIG })
    }
  })

  it.each([
    ['is away', async () => join(dir, 'missing'), 'cannot be read'],
    ['has no such context', () => kubeconfig({}, {}, 'other'), 'names no server'],
  ])('fails in a sentence when the kubeconfig %s', async (_what, file, sentence) => {
    const opened = accessByKubeconfig({ file: await file() })
    await expect(opened).rejects.toMatchObject({ code: 'kube_misconfigured' })
    await expect(opened).rejects.toThrow(sentence)
  })
})
