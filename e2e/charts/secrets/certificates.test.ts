// Whoever issues them, certificates are for the same names, and pages say which keys there are.
import { execFile } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it, jest } from '@jest/globals'
import { secretTable } from '@penstock/cli'
import { parse, parseAllDocuments } from 'yaml'
import { certificateVersions } from '../certificate-kinds.ts'
import { openCharts } from '../open-charts.ts'

jest.setTimeout(120_000)
const root = resolve(import.meta.dirname, '../../..')
const servers = ['xds-server', 'agentgateway-server', 'nats'] as const

interface Certificate {
  readonly kind: string
  readonly metadata: { readonly name: string }
  readonly spec: {
    readonly dnsNames: readonly string[]
    readonly ipAddresses: readonly string[]
    readonly usages: string[]
  }
}
interface Printed {
  readonly items: readonly { readonly metadata: { readonly name: string }; readonly data: Record<string, string> }[]
}

const uses: Readonly<Record<string, string>> = {
  '1.3.6.1.5.5.7.3.1': 'server auth',
  '1.3.6.1.5.5.7.3.2': 'client auth',
}

/** As Node writes them. */
function issuedNames({ subjectAltName = '' }: X509Certificate): string[] {
  const names = subjectAltName.split(', ').map((name) => name.replace(/^(DNS|IP Address):/, ''))
  return names.map((name) => name.replace('0:0:0:0:0:0:0:1', '::1').toLowerCase()).sort()
}

describe('the certificates of the servers', () => {
  it('are for the same names and uses, whether the job makes them or cert-manager', async () => {
    await using charts = await openCharts()
    const values = ['--set', 'global.certificates=cert-manager,serverNames={xds.example.com,192.0.2.7}']
    const text = await charts.helm(
      'template',
      'r',
      'secrets',
      '--namespace',
      'system',
      ...certificateVersions,
      ...values,
    )
    const asked = parseAllDocuments(text)
      .map((document) => document.toJS() as Certificate | null)
      .filter((object) => object?.kind === 'Certificate')
    const command = [
      'apps/cli/dist/main.js',
      'secrets',
      '--print',
      '--namespace=system',
      '--names=xds.example.com,192.0.2.7',
    ]
    const { stdout } = await promisify(execFile)(process.execPath, command, { cwd: root })
    const made = (parse(stdout) as Printed).items
    for (const server of servers) {
      const pem = made.find(({ metadata }) => metadata.name === server)?.data['tls.crt'] ?? ''
      const certificate = new X509Certificate(Buffer.from(pem, 'base64'))
      const spec = asked.find((object) => object?.metadata.name === server)?.spec
      expect([...(spec?.dnsNames ?? []), ...(spec?.ipAddresses ?? [])].sort()).toEqual(issuedNames(certificate))
      expect(spec?.usages.filter((use) => use.endsWith('auth')).sort()).toEqual(
        certificate.keyUsage.map((use) => uses[use]).sort(),
      )
    }
  })
})

describe('an installation without the job', () => {
  it.each([
    ['cert-manager', ['Certificate', 'Issuer']],
    ['job', []],
  ])('has what issues its certificates: %s', async (certificates, kinds) => {
    await using charts = await openCharts()
    const values = ['--set', `secrets.enabled=false,global.certificates=${certificates}`]
    const text = await charts.helm('template', 'r', 'penstock', ...certificateVersions, ...values)
    const made = text.split(/^---$/m).filter((part) => part.includes('# Source: penstock/charts/secrets/'))
    const found = made.map((part) => (parse(part) as { kind: string } | null)?.kind).filter(Boolean)
    expect([...new Set(found)].sort()).toEqual(kinds)
  })
})

describe('docs/secrets.md', () => {
  it('names every key of every Secret', () => {
    const rows = readFileSync(resolve(root, 'docs/secrets.md'), 'utf8')
      .split('\n')
      .filter((line) => /^\| (each service|watcher|xds-server, agentgateway-server|infra-manager|nats) \|/.test(line))
    const ofEach = Object.keys(secretTable['translator'] ?? {})
    for (const [name, files] of Object.entries(secretTable)) {
      const said = rows.filter((row) => row.split('|')[1]?.includes(name)).join()
      const own = Object.keys(files).filter((key) => name === 'nats' || !ofEach.includes(key))
      expect([name, own.filter((key) => !said.includes(`\`${key}\``))]).toEqual([name, []])
    }
    expect(ofEach.filter((key) => !rows[0]?.includes(`\`${key}\``))).toEqual([])
  })
})
