import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { prepare } from './prepare.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'penstock-prepare-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

const run = (): string[] => {
  const xds = [{ host: '127.0.0.1', port: 19_001 }]
  const place = { install: 'local', sources: ['local'] }
  return prepare({ dir, fleet: 'local', xds, envoyAdminPort: 19_002, ...place }).map((file) =>
    file.slice(dir.length + 1),
  )
}
const read = (file: string): string => readFileSync(join(dir, file), 'utf8')
const passwordOf = (service: string): string => read(`nats-passwords/${service}`).trim()
const passwords = (): string[] => readdirSync(join(dir, 'nats-passwords'))

describe('penstock prepare', () => {
  it('gives each service a password of its own, which NATS knows', () => {
    run()
    const all = passwords().map(passwordOf)
    expect(passwords()).toContain('xds-server')
    expect(new Set(all).size).toBe(all.length)
    for (const password of all) expect(read('nats.conf')).toContain(`"password": "${password}"`)
  })

  it('keeps keys and passwords for what runs on them, and writes the rest anew', () => {
    run()
    const before = ['sealing-keys.json', 'nats.conf', 'nats-passwords/watcher'].map(read)
    expect(run()).toEqual(['nats.conf', 'envoy.json'])
    expect(['sealing-keys.json', 'nats.conf', 'nats-passwords/watcher'].map(read)).toEqual(before)
  })

  it('makes another password for one whose file was removed, or is empty', () => {
    run()
    const [watcher, translator] = [passwordOf('watcher'), passwordOf('translator')]
    rmSync(join(dir, 'nats-passwords/watcher'))
    writeFileSync(join(dir, 'nats-passwords/translator'), '')
    run()
    expect([passwordOf('watcher'), passwordOf('translator')]).not.toEqual([watcher, translator])
    expect(passwordOf('translator')).not.toBe('')
    expect(read('nats.conf')).toContain(passwordOf('watcher'))
    expect(read('nats.conf')).not.toContain(watcher)
  })

  it('gives each service a token of its own, that opens its debug pages', () => {
    run()
    const tokens = passwords().map((service) => read(`debug-tokens/${service}`).trim())
    expect(new Set([...tokens, ...passwords().map(passwordOf)]).size).toBe(2 * tokens.length)
    for (const token of tokens) expect(token.length).toBeGreaterThan(40)
    expect(read('nats.conf')).not.toContain(tokens[0])
  })

  it('lets nobody else read what is secret', () => {
    run()
    const ofServices = passwords().flatMap((name) => [`nats-passwords/${name}`, `debug-tokens/${name}`])
    for (const file of ['sealing-keys.json', 'nats.conf', ...ofServices]) {
      expect(statSync(join(dir, file)).mode & 0o077).toBe(0)
    }
  })
})
