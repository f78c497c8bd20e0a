// A private key's way: from a Secret in the folder to Envoy, renewed while it serves, and nowhere to be read in between.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { envoyTypes } from '@penstock/plane-envoy'
import { until } from '@penstock/testkit'
import { pairs } from '../plane-envoy/certificates.ts'
import { gateway, gatewayClass, httpRoute, tlsSecret } from './manifests.ts'
import { type Rig, startRig } from './rig.ts'

// Each wait has a deadline of its own.
jest.setTimeout(60_000)

const stack = new AsyncDisposableStack()
let rig: Rig
let port = 0
const host = 'one.example.com'

beforeAll(async () => {
  rig = stack.use(await startRig({ 'secret.yaml': [tlsSecret('one', pairs.one)], 'web.yaml': [httpRoute('web')] }))
  port = rig.port + 1
  await rig.edit(() => {
    const https = { name: 'https', port, hostname: host, secret: 'one' }
    rig.write('gateway.yaml', gatewayClass(), gateway({ name: 'http', port: rig.port }, https))
  })
})

afterAll(() => stack.disposeAsync(), 30_000)

/** The common name of the certificate that a client gets. */
function commonName(): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', servername: host, rejectUnauthorized: false })
    socket.once('error', reject)
    socket.once('secureConnect', () => {
      resolve(String(socket.getPeerCertificate().subject.CN))
      socket.destroy()
    })
  })
}

describe('a Secret', () => {
  it('serves an HTTPS listener', async () => {
    expect(await commonName()).toBe('one')
    expect((await rig.ask({ port, host, tls: true })).echo?.backend).toBe('v1')
  })

  it('is renewed while it serves, and only the certificate is sent', async () => {
    const { ir, sent } = await rig.edit(() => rig.write('secret.yaml', tlsSecret('one', pairs.two)))
    expect(ir.changes.map(({ key }) => key)).toEqual(['certificate/default/one'])
    expect(sent.map(({ typeUrl, resources }) => [typeUrl, resources.length])).toEqual([[envoyTypes.secret, 1]])
    await until('the renewed certificate', async () => (await commonName()) === 'two')
    expect((await rig.ask({ port, host, tls: true })).echo?.backend).toBe('v1')
  })

  it('that is broken keeps nobody else from being served', async () => {
    const { keyPem } = pairs.one
    await rig.edit(() => rig.write('secret.yaml', tlsSecret('one', { chainPem: pairs.two.chainPem, keyPem })))
    await expect(commonName()).rejects.toThrow()
    expect((await rig.ask({})).echo?.backend).toBe('v1')
    await rig.edit(() => rig.write('secret.yaml', tlsSecret('one', pairs.two)))
    await until('the certificate is back', async () => (await commonName().catch(() => '')) === 'two')
  })
})

describe('a private key', () => {
  /** A line of each key, and what of it stands in the base64 of its Secret. */
  const traces = [pairs.one, pairs.two].flatMap(({ keyPem }) => {
    const start = Math.ceil(keyPem.indexOf(lineOf(keyPem)) / 3) * 3
    return [lineOf(keyPem), Buffer.from(keyPem.slice(start, start + 48)).toString('base64')]
  })
  const known = lineOf(pairs.two.chainPem)

  it('stands in the folder, where its traces are found', () => {
    const file = readFileSync(join(rig.folder, 'secret.yaml'), 'utf8').replaceAll(/\s/g, '')
    expect(traces.filter((trace) => file.includes(trace))).toEqual([traces.at(-1)])
  })

  it('is on the bus only sealed', () => {
    const { resource, ir } = rig.view
    const changes = [resource, ir].flatMap(({ commits }) => commits.flatMap((commit) => [...commit.changes]))
    const text = inspect(changes)
    expect(text).toContain(known)
    expect(traces.filter((trace) => text.includes(trace))).toEqual([])
  })

  it('is in no file of NATS', () => {
    const store = join(rig.nats.dir, 'store')
    const files = readdirSync(store, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    const bytes = Buffer.concat(files.map(({ parentPath, name }) => readFileSync(join(parentPath, name))))
    expect(bytes.includes(known)).toBe(true)
    expect(traces.filter((trace) => bytes.includes(trace))).toEqual([])
  })
})

/** All strings and bytes within, as text. */
function inspect(value: unknown): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1')
  if (typeof value !== 'object' || value === null) return `${String(value)}\n`
  return Object.values(value).map(inspect).join('')
}

/** The first line behind the mark. */
function lineOf(pem: string): string {
  return pem.split('\n')[1] ?? ''
}
