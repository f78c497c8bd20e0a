import { X509Certificate } from 'node:crypto'
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { createCertificateAuthority } from '@penstock/identity/authority'
import { prepare } from './prepare.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'penstock-prepare-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

const xds = [{ host: '127.0.0.1', port: 19_001 }]
const options = () => ({ dir, install: 'local', sources: ['local'], fleet: 'local', xds, envoyAdminPort: 19_002 })
const run = async (namespace?: string, natsTls?: string): Promise<string[]> => {
  const written = await prepare({ ...options(), namespace, natsTls })
  return written.map((file) => file.slice(dir.length + 1))
}
const read = (file: string): string => readFileSync(join(dir, file), 'utf8')
const passwordOf = (service: string): string => read(`nats-passwords/${service}`).trim()
const passwords = (): string[] => readdirSync(join(dir, 'nats-passwords'))

describe('penstock prepare', () => {
  it('gives each service a password of its own, which NATS knows', async () => {
    await run()
    const all = passwords().map(passwordOf)
    expect(passwords()).toContain('xds-server')
    expect(new Set(all).size).toBe(all.length)
    for (const password of all) expect(read('nats.conf')).toContain(`"password": "${password}"`)
  })

  it('keeps keys and passwords for what runs on them, and writes the rest anew', async () => {
    await run()
    const before = ['sealing-keys.json', 'nats.conf', 'nats-routes.conf', 'nats-passwords/watcher'].map(read)
    expect(await run()).toEqual(['nats.conf', 'nats-account.conf', 'nats-routes.conf', 'envoy.json'])
    expect(['sealing-keys.json', 'nats.conf', 'nats-routes.conf', 'nats-passwords/watcher'].map(read)).toEqual(before)
  })

  it('shows a secret to nobody by way of what a crash, or somebody, has left in its place', async () => {
    const [elsewhere, left] = [join(dir, 'elsewhere'), join(dir, 'nats.conf.next')]
    writeFileSync(elsewhere, 'theirs')
    symlinkSync(elsewhere, left)
    await run()
    expect(read('elsewhere')).toBe('theirs')
    writeFileSync(left, '')
    chmodSync(left, 0o644)
    await run()
    expect(statSync(join(dir, 'nats.conf')).mode & 0o777).toBe(0o600)
    expect(readdirSync(dir)).not.toContain('nats.conf.next')
  })

  it('makes another password for one whose file was removed, or is empty', async () => {
    await run()
    const [watcher, translator] = [passwordOf('watcher'), passwordOf('translator')]
    rmSync(join(dir, 'nats-passwords/watcher'))
    writeFileSync(join(dir, 'nats-passwords/translator'), '')
    await run()
    expect([passwordOf('watcher'), passwordOf('translator')]).not.toEqual([watcher, translator])
    expect(passwordOf('translator')).not.toBe('')
    expect(read('nats.conf')).toContain(passwordOf('watcher'))
    expect(read('nats.conf')).not.toContain(watcher)
  })

  it('gives each service a token of its own, that opens its debug pages', async () => {
    await run()
    const tokens = passwords().map((service) => read(`debug-tokens/${service}`).trim())
    expect(new Set([...tokens, ...passwords().map(passwordOf)]).size).toBe(2 * tokens.length)
    for (const token of tokens) expect(token.length).toBeGreaterThan(40)
    expect(read('nats.conf')).not.toContain(tokens[0])
  })

  it('makes a certificate for NATS, which listens with it where it is asked to', async () => {
    await run('system')
    expect(new X509Certificate(read('tls/nats/tls.crt')).checkHost('nats.system.svc')).toBe('nats.system.svc')
    expect(read('nats.conf')).not.toContain('tls')
    await run('system', '/etc/nats/tls')
    expect(read('nats.conf')).toContain('"cert_file": "/etc/nats/tls/tls.crt"')
  })

  it('lets nobody else read what is secret', async () => {
    await run()
    const ofServices = passwords().flatMap((name) => [`nats-passwords/${name}`, `debug-tokens/${name}`])
    for (const file of [
      'sealing-keys.json',
      'nats.conf',
      'nats-account.conf',
      'nats-routes.conf',
      'identity-ca/ca.key',
      'tls/xds-server/tls.key',
      ...ofServices,
    ]) {
      expect(statSync(join(dir, file)).mode & 0o077).toBe(0)
    }
  })

  it('makes an authority once, and a certificate for each server of proxies that it signed', async () => {
    await run()
    const authority = new X509Certificate(read('identity-ca/ca.crt'))
    for (const service of ['xds-server', 'agentgateway-server']) {
      const certificate = new X509Certificate(read(`tls/${service}/tls.crt`))
      expect(certificate.checkIssued(authority)).toBe(true)
      expect(certificate.checkIP('127.0.0.1')).toBeDefined()
      expect(read(`tls/${service}/ca.crt`)).toBe(read('identity-ca/ca.crt'))
    }
  })

  it('makes another certificate for a server whose own is lost, spoilt, or not for all of its names', async () => {
    await run()
    rmSync(join(dir, 'tls/xds-server/tls.key'))
    writeFileSync(join(dir, 'tls/agentgateway-server/tls.crt'), 'spoilt')
    const files = (service: string) => ['tls.crt', 'tls.key', 'ca.crt'].map((file) => `tls/${service}/${file}`)
    const both = [...files('xds-server'), ...files('agentgateway-server')]
    expect(await run()).toEqual(['nats.conf', 'nats-account.conf', 'nats-routes.conf', ...both, 'envoy.json'])
    expect(await run('penstock-system')).toEqual([
      ...['nats.conf', 'nats-account.conf', 'nats-routes.conf'],
      ...[...both, ...files('nats'), 'envoy.json'],
    ])
    const certificate = new X509Certificate(read('tls/xds-server/tls.crt'))
    expect(certificate.checkHost('xds-server.penstock-system.svc')).toBeDefined()
  })

  it.each(['a.b', 'a b', '*', '', 'a>b', 'Ä'])(
    'writes nothing for "%s", which cannot stand in a subject',
    async (name) => {
      await expect(prepare({ ...options(), install: name })).rejects.toThrow(`install "${name}" is not of lower-case`)
      await expect(prepare({ ...options(), sources: ['a', name] })).rejects.toThrow(`source "${name}" is not of`)
      await expect(prepare({ ...options(), xds: [{ host: 'a b', port: 1 }] })).rejects.toThrow('"a b" is no name')
      expect(readdirSync(dir)).toEqual([])
    },
  )

  it('makes no other authority where half of one is left', async () => {
    await run()
    rmSync(join(dir, 'identity-ca/ca.key'))
    await expect(run()).rejects.toThrow(/identity-ca.ca.key is missing/)
  })

  it('signs anew when the authority is replaced, step by step', async () => {
    await run()
    const old = read('identity-ca/ca.crt')
    const next = await createCertificateAuthority('local', { validMs: 1e9, nowMs: Date.now() })
    const [certificate, key] = [join(dir, 'identity-ca/ca.crt'), join(dir, 'identity-ca/ca.key')]
    const signedBy = (pem: string): boolean =>
      new X509Certificate(read('tls/xds-server/tls.crt')).checkIssued(new X509Certificate(pem))
    writeFileSync(certificate, old + next.certificatePem)
    await run()
    expect([signedBy(old), read('tls/xds-server/ca.crt')]).toEqual([true, old + next.certificatePem])
    writeFileSync(key, next.keyPem)
    await run()
    expect(signedBy(next.certificatePem)).toBe(true)
    writeFileSync(certificate, next.certificatePem)
    await run()
    expect(read('tls/xds-server/ca.crt')).toBe(next.certificatePem)
  })
})
