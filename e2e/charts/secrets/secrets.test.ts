// `penstock secrets` as a process of its own against a real API server, with the rights that its chart gives it.
import { execFile, spawn } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { secretServices, secretTable } from '@penstock/cli'
import { createAuthority } from '@penstock/identity/authority'
import { type ControlPlane, kubernetesIsBuilt, startControlPlane, until } from '@penstock/testkit'
import type { Charts } from '@penstock/tools/helm'
import { parse, parseAllDocuments } from 'yaml'
import { openCharts } from '../open-charts.ts'
import { loginOf } from './login.ts'

jest.setTimeout(120_000)
const suite = (await kubernetesIsBuilt()) ? describe : describe.skip
const command = resolve(import.meta.dirname, '../../../apps/cli/dist/main.js')
const run = promisify(execFile)
const names = Object.keys(secretTable)

const penstock = async (...args: readonly string[]): Promise<string[]> =>
  (await run(process.execPath, [command, 'secrets', ...args])).stdout.trimEnd().split('\n')

type Data = Readonly<Record<string, string>>
interface Secret {
  readonly metadata: { readonly name: string; readonly labels?: Data; readonly resourceVersion: string }
  readonly data: Data
}

const text = (secret: Secret | undefined, key: string): string =>
  Buffer.from(secret?.data[key] ?? '', 'base64').toString()

suite('penstock secrets', () => {
  let plane: ControlPlane
  let charts: Charts
  let namespace: string
  let count = 0
  beforeAll(async () => {
    ;[plane, charts] = await Promise.all([startControlPlane(), openCharts()])
  })
  afterAll(async () => {
    await plane?.stop()
    await charts?.[Symbol.asyncDispose]()
  })
  beforeEach(async () => {
    namespace = `system-${(count += 1)}`
    await plane.kubectl('create', 'namespace', namespace)
    await giveRights()
  })

  /** Those that the chart gives, to the accounts that it makes. */
  async function giveRights(): Promise<void> {
    const rendered = await charts.helm('template', 'release', 'secrets', '--namespace', namespace)
    const wanted = ['ServiceAccount', 'Role', 'RoleBinding']
    const objects = parseAllDocuments(rendered).filter((document) => wanted.includes(String(document.get('kind'))))
    const file = join(plane.dir, 'rights.yaml')
    await writeFile(file, objects.join('---\n'))
    await plane.kubectl('apply', '--filename', file)
  }

  const as = async (account: string, ...args: readonly string[]): Promise<string[]> =>
    penstock('--kubeconfig', await loginOf(plane, namespace, account), '--namespace', namespace, ...args)
  const keep = (...args: readonly string[]): Promise<string[]> => as('secrets-before', ...args)
  async function all(): Promise<Map<string, Secret>> {
    const list = JSON.parse(await plane.kubectl('--namespace', namespace, 'get', 'secrets', '--output=json')) as {
      items: Secret[]
    }
    return new Map(list.items.map((secret) => [secret.metadata.name, secret]))
  }
  const patch = (name: string, change: object): Promise<string> =>
    plane.kubectl('--namespace', namespace, 'patch', 'secret', name, '--type=merge', '--patch', JSON.stringify(change))
  const remove = (...secrets: readonly string[]): Promise<string> =>
    plane.kubectl('--namespace', namespace, 'delete', 'secret', ...secrets)

  it('makes what every service and NATS need, and then finds it good', async () => {
    expect((await keep()).map((line) => line.split(' (')[0])).toEqual(names.map((name) => `created ${name}`))
    const made = await all()
    for (const [name, files] of Object.entries(secretTable)) {
      expect(Object.keys(made.get(name)?.data ?? {}).sort()).toEqual(Object.keys(files).sort())
    }
    expect(text(made.get('nats'), 'nats.conf')).toContain(text(made.get('watcher'), 'nats-password').trim())
    const account = text(made.get('nats'), 'nats-account.conf')
    const users = [...account.matchAll(/"user": "[^"]*\/(.+)"/g)].map(([, service]) => service)
    expect(users).toEqual([...secretServices].sort())
    const server = new X509Certificate(text(made.get('xds-server'), 'tls.crt'))
    expect(server.checkHost(`xds-server.${namespace}.svc`)).toBeDefined()
    expect(server.verify(new X509Certificate(text(made.get('infra-manager'), 'ca.crt')).publicKey)).toBe(true)
    expect(await keep()).toEqual(names.map((name) => `unchanged ${name}`))
    expect(await all()).toEqual(made)
  })

  it('gives back to each what it lost, and leaves the others', async () => {
    await keep()
    const before = await all()
    await remove('translator')
    await patch('xds-server', { data: { 'tls.key': null, 'sealing-keys.json': '' } })
    const said = await keep()
    expect(said.filter((line) => !line.startsWith('unchanged'))).toEqual([
      'created translator (nats-password, debug-token, nats-ca.crt)',
      'updated xds-server (sealing-keys.json, tls.crt, tls.key)',
      'updated nats (nats.conf, nats-account.conf)',
    ])
    const after = await all()
    expect(after.get('xds-server')?.data['sealing-keys.json']).toBe(before.get('watcher')?.data['sealing-keys.json'])
    expect(after.get('watcher')).toEqual(before.get('watcher'))
    expect(text(after.get('nats'), 'nats.conf')).toContain(text(after.get('translator'), 'nats-password').trim())
  })

  it('takes what somebody wrote into the home of a file to all who have a copy', async () => {
    await keep()
    const before = await all()
    const other = await mkdtemp(join(tmpdir(), 'penstock-other-'))
    const printed = parse((await penstock('--print', '--dir', other)).join('\n')) as { items: Secret[] }
    await rm(other, { recursive: true })
    const next = printed.items.find(({ metadata }) => metadata.name === 'infra-manager')
    const both = text(before.get('infra-manager'), 'ca.crt') + text(next, 'ca.crt')
    await patch('infra-manager', { data: { 'ca.crt': Buffer.from(both).toString('base64') } })
    await keep()
    const after = await all()
    for (const name of ['xds-server', 'agentgateway-server', 'nats']) expect(text(after.get(name), 'ca.crt')).toBe(both)
    expect(text(after.get('watcher'), 'nats-ca.crt')).toBe(both)
  })

  it('makes no other authority where half of one is left, and says which Secret lost it', async () => {
    await keep()
    await remove('infra-manager')
    await expect(keep()).rejects.toThrow(/identity-ca.ca.key is missing.*ca.key of the Secret infra-manager/)
    expect([...(await all()).keys()]).not.toContain('infra-manager')
  })

  it('leaves a Secret of somebody else as it is: used where it is complete, named where it is not', async () => {
    await keep()
    await patch('watcher', { metadata: { labels: { 'app.kubernetes.io/managed-by': null } } })
    expect(await keep()).toContain('unchanged watcher')
    await patch('watcher', { data: { 'debug-token': null } })
    await patch('infra-manager', { data: { 'debug-token': null } })
    await expect(keep()).rejects.toThrow(/the Secret system-\d+\/watcher is not ours .*debug-token: complete it/)
    // It comes before, and is not written either.
    expect(text((await all()).get('infra-manager'), 'debug-token')).toBe('')
    await patch('watcher', { metadata: { labels: { 'app.kubernetes.io/managed-by': 'penstock-secrets' } } })
    expect(await keep()).toContain('updated watcher (debug-token)')
  })

  it('ends with one and the same where two do it at once', async () => {
    await Promise.all([keep(), keep(), keep()])
    expect(await keep()).toEqual(names.map((name) => `unchanged ${name}`))
  })

  it('renews a certificate that has little of its life left, and no other', async () => {
    await keep()
    const before = await all()
    const [certificatePem, keyPem] = ['ca.crt', 'ca.key'].map((key) => text(before.get('infra-manager'), key)) as [
      string,
      string,
    ]
    const authority = createAuthority({ install: 'penstock', certificatePem, keyPem, nowMs: Date.now })
    const names =
      new X509Certificate(text(before.get('xds-server'), 'tls.crt')).subjectAltName?.match(/(?<=:)[^, ]+/g) ?? []
    const month = await authority.issueService(names, { validMs: 30 * 86_400_000 })
    const encoded = (pem: string): string => Buffer.from(pem).toString('base64')
    const data = { 'tls.crt': encoded(month.certificatePem), 'tls.key': encoded(month.keyPem) }
    await patch('xds-server', { data })
    expect((await keep()).filter((line) => !line.startsWith('unchanged'))).toEqual([
      'updated xds-server (tls.crt, tls.key)',
    ])
    const days = (pem: string): number => (Date.parse(new X509Certificate(pem).validTo) - Date.now()) / 86_400_000
    expect(days(text((await all()).get('xds-server'), 'tls.crt'))).toBeGreaterThan(300)
  })

  it('makes new sealing keys by name and in two steps, once, and keeps the ones that are in use', async () => {
    await keep()
    const keysOf = async (name: string): Promise<{ current: string; keys: Data }> =>
      JSON.parse(text((await all()).get(name), 'sealing-keys.json')) as { current: string; keys: Data }
    const updated = ['watcher', 'xds-server', 'agentgateway-server'].map(
      (name) => `updated ${name} (sealing-keys.json)`,
    )
    const before = await keysOf('watcher')
    const added = async (...args: string[]) => (await keep(...args)).filter((line) => line.startsWith('updated'))
    await expect(keep('--sealing-keys=2', '--seal-by=2')).rejects.toThrow('no sealing key 2 is in use yet')
    expect(await added('--sealing-keys=2')).toEqual(updated)
    const both = await keysOf('watcher')
    expect(both.current).toBe(before.current)
    expect(both.keys).toMatchObject(before.keys)
    expect(await added('--sealing-keys=2', '--seal-by=2')).toEqual(updated)
    const after = await keysOf('watcher')
    expect(after.current).toMatch(/^2[.]/)
    expect(after.keys).toEqual(both.keys)
    expect(await keysOf('xds-server')).toEqual(after)
    // A hook that runs again, an upgrade for something else, and the one every night.
    expect(await added('--sealing-keys=2', '--seal-by=2')).toEqual([])
    expect(await added()).toEqual([])
  })

  it('steps no sealing key every night, and makes one that the next upgrade finds where all were lost', async () => {
    const named = ['--sealing-keys=2', '--seal-by=2']
    const idOf = async (): Promise<string> =>
      (JSON.parse(text((await all()).get('watcher'), 'sealing-keys.json')) as { current: string }).current
    await keep(...named)
    const before = await idOf()
    await as('secrets', '--first-sealing-key=1')
    expect(await idOf()).toBe(before)
    await remove('watcher', 'xds-server', 'agentgateway-server')
    await as('secrets', '--first-sealing-key=2')
    const after = await idOf()
    expect([after.split('.')[0], after === before]).toEqual(['2', false])
    expect(await keep(...named)).toEqual(names.map((name) => `unchanged ${name}`))
  })

  it('leaves certificates to somebody else where it is told to', async () => {
    await keep('--no-certificates')
    expect(Object.keys((await all()).get('xds-server')?.data ?? {}).sort()).toEqual(
      ['nats-password', 'debug-token', 'sealing-keys.json'].sort(),
    )
  })

  it('removes what it made, and nothing else', async () => {
    await keep()
    await plane.kubectl('--namespace', namespace, 'create', 'secret', 'generic', 'mine')
    await patch('translator', { metadata: { labels: { 'app.kubernetes.io/managed-by': 'me' } } })
    expect(await as('secrets-after', '--remove')).toEqual(
      names
        .filter((name) => name !== 'translator')
        .reverse()
        .map((name) => `removed ${name}`),
    )
    expect([...(await all()).keys()].sort()).toEqual(['mine', 'translator'])
  })

  it('can complete, or remove, what a removal left that was stopped half way', async () => {
    const policy = (name: string): string =>
      JSON.stringify([
        {
          ...{ apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingAdmissionPolicy' },
          metadata: { name: `keep-${namespace}` },
          spec: {
            matchConstraints: {
              resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['DELETE'], resources: ['secrets'] }],
            },
            matchConditions: [
              { name: 'one', expression: `request.namespace == '${namespace}' && request.name == '${name}'` },
            ],
            validations: [{ expression: 'false', message: 'it stays', reason: 'Invalid' }],
          },
        },
        {
          ...{ apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingAdmissionPolicyBinding' },
          metadata: { name: `keep-${namespace}` },
          spec: { policyName: `keep-${namespace}`, validationActions: ['Deny'] },
        },
      ])
    await keep()
    const before = await all()
    const file = join(plane.dir, 'stop.json')
    const items = JSON.parse(policy('xds-server')) as object[]
    await writeFile(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))
    await plane.kubectl('apply', '--filename', file)
    const attempt = () => plane.kubectl('--namespace', namespace, 'delete', 'secret', 'xds-server', '--dry-run=server')
    await until('the policy holds', () =>
      attempt().then(
        () => false,
        () => true,
      ),
    )
    await expect(as('secrets-after', '--remove')).rejects.toThrow(/xds-server: .*it stays/)
    expect([...(await all()).keys()]).toContain('infra-manager')
    await plane.kubectl('delete', '--filename', file)
    await until('the policy is gone', () =>
      attempt().then(
        () => true,
        () => false,
      ),
    )
    await keep()
    expect((await all()).get('infra-manager')?.data['ca.key']).toBe(before.get('infra-manager')?.data['ca.key'])
    await as('secrets-after', '--remove')
    expect([...(await all()).keys()]).toEqual([])
  })

  it.each(['SIGTERM', 'SIGINT'] as const)('leaves no key behind where %s ends it', async (name) => {
    const login = await loginOf(plane, namespace, 'secrets-before')
    await keep()
    const dir = await mkdtemp(join(tmpdir(), 'penstock-ended-'))
    // Says who we are, and of the second Secret nothing.
    const silent = createServer()
    try {
      await new Promise<void>((listening) => silent.listen(0, '127.0.0.1', listening))
      const { port } = silent.address() as AddressInfo
      const file = join(plane.dir, 'silent.kubeconfig')
      await writeFile(file, (await readFile(login, 'utf8')).replaceAll(plane.url, `http://127.0.0.1:${port}`))
      const child = spawn(
        process.execPath,
        [command, 'secrets', '--kubeconfig', file, '--namespace', namespace, '--timeout=300'],
        { env: { ...process.env, TMPDIR: dir }, stdio: ['ignore', 'ignore', 'pipe'] },
      )
      let said = ''
      child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
      const ended = new Promise<number | null>((end) => child.once('exit', end))
      await until('it has its folder', async () => (await readdir(dir)).length > 0)
      child.kill(name)
      expect([await ended, said.trim()]).toEqual([2, `ended by ${name}`])
      expect(await readdir(dir)).toEqual([])
    } finally {
      silent.closeAllConnections()
      silent.close()
      await rm(dir, { recursive: true })
    }
  })

  it('says why it gave up', async () => {
    const login = await loginOf(plane, namespace, 'secrets-before')
    const nobody = join(plane.dir, 'nobody.kubeconfig')
    await writeFile(nobody, (await readFile(login, 'utf8')).replaceAll(plane.url, 'https://127.0.0.1:1'))
    await expect(penstock('--kubeconfig', nobody, '--namespace', namespace, '--timeout=2')).rejects.toThrow(
      /not done in 2000 ms: .*ECONNREFUSED/,
    )
    await expect(penstock('--kubeconfig', login, '--namespace', 'default')).rejects.toThrow(/403 .*cannot get resource/)
    await expect(penstock('--kubeconfig', plane.kubeconfig, '--namespace', 'nowhere')).rejects.toThrow(
      'there is no namespace nowhere',
    )
  })

  it('has rights to Secrets of these names in its namespace, and no other', async () => {
    const rules = async (account: string): Promise<string[]> => {
      const list = await plane.kubectl(
        ...['auth', 'can-i', '--list', '--namespace', namespace],
        `--as=system:serviceaccount:${namespace}:${account}`,
      )
      const rows = list.split('\n').map((line) => line.split(/ {2,}/))
      return rows.flatMap(([kind, , name, verbs]) => (kind === 'secrets' ? [`${name} ${verbs}`] : [])).sort()
    }
    const [before, after, cron] = await Promise.all(['secrets-before', 'secrets-after', 'secrets'].map(rules))
    const each = (verbs: string): string[] => names.map((name) => `[${name}] [${verbs}]`).sort()
    expect([before, cron, after]).toEqual([each('get create patch'), each('get create patch'), each('get delete')])
  })

  it('prints the same as one list, which is good once it is applied', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'penstock-printed-'))
    try {
      const print = () => penstock('--print', '--dir', dir, '--namespace', namespace)
      const printed = await print()
      expect(await print()).toEqual(printed)
      const file = join(plane.dir, 'printed.yaml')
      await writeFile(file, printed.join('\n'))
      await plane.kubectl('apply', '--filename', file)
      expect(await keep()).toEqual(names.map((name) => `unchanged ${name}`))
    } finally {
      await rm(dir, { recursive: true })
    }
  })
})
