import { describe, expect, it } from '@jest/globals'
import type { Channel, ServiceName, SharedChannel } from './channel.ts'
import { natsAccounts } from './nats-server-config.ts'
import { busGrants, busServices, channelRows, creatorsOf } from './permissions.ts'

const subjects = (service: Parameters<typeof busGrants>[0]['service'], sources = ['local']): string[] =>
  busGrants({ install: 'in', service, sources }).map(({ action, subject }) => `${action} ${subject}`)

/** Who writes and who reads, as the design says it (section 2), and not as the table of channels does. */
const designTable: Readonly<Record<string, { readonly writes: readonly string[]; readonly reads: readonly string[] }>> =
  {
    watcher: { writes: ['resource'], reads: ['presence'] },
    translator: { writes: ['ir', 'status', 'infra', 'presence'], reads: ['resource', 'presence'] },
    'xds-server': { writes: ['feedback', 'presence'], reads: ['ir'] },
    'agentgateway-server': { writes: ['feedback', 'presence'], reads: ['ir'] },
    'pingora-syncer': { writes: ['feedback', 'presence'], reads: ['ir'] },
    'status-reporter': { writes: ['presence'], reads: ['status', 'feedback'] },
    'infra-manager': { writes: ['feedback', 'presence'], reads: ['infra'] },
    console: { writes: [], reads: ['resource', 'ir', 'status', 'infra', 'feedback', 'presence'] },
  }

describe('the users of NATS', () => {
  it('write and read what the design says, each service its own', () => {
    const names = (wanted: (row: Channel<never>) => boolean): string[] =>
      channelRows.filter(wanted).map(({ name }) => name)
    const granted = busServices().map((service) => {
      const writes = names(({ publishers }) => publishers.includes(service))
      const reads = names(({ readers }) => readers.includes(service))
      return [service, { writes, reads }] as const
    })
    const lines = granted.map(
      ([service, { writes, reads }]) =>
        `${service.padEnd(20)} writes ${(writes.join(', ') || 'nothing').padEnd(20)} reads ${reads.join(', ') || 'nothing'}\n`,
    )
    process.stdout.write(`\nusers of NATS\n${lines.join('')}`)
    expect(Object.fromEntries(granted)).toEqual(designTable)
  })

  it('may write to these channels and no other, and get deliveries of these alone but for what they lead', () => {
    for (const [service, { writes, reads }] of Object.entries(designTable)) {
      const own = subjects(service as ServiceName)
      const told = own.flatMap((grant) => /^publish in\.(\w+)\.v1\./.exec(grant)?.[1] ?? [])
      expect([service, told]).toEqual([service, writes])
      const delivered = own.flatMap((grant) => /CONSUMER\.CREATE\.in_(\w+)_v1_/.exec(grant)?.[1] ?? [])
      const led = writes.filter((name) => name !== 'feedback' && name !== 'presence')
      expect([service, new Set(delivered)]).toEqual([service, new Set([...reads, ...led])])
    }
  })
})

describe('the grants of a service', () => {
  it('of one that faces proxies are few', () => {
    expect(subjects('xds-server')).toEqual([
      'subscribe _INBOX_in_xds-server.>',
      'publish $JS.API.STREAM.INFO.in_ir_v1_local',
      'publish $JS.API.CONSUMER.CREATE.in_ir_v1_local.*.in.ir.v1.local.>',
      'publish $JS.API.CONSUMER.DELETE.in_ir_v1_local.*',
      'publish $JS.FC.in_ir_v1_local.>',
      'publish in.feedback.v1.local.>',
      'publish in.presence.v1.local.xds-server.>',
    ])
  })

  it('are the same for each of its sources', () => {
    const two = subjects('xds-server', ['a', 'b'])
    const of = (source: string): string[] => subjects('xds-server', [source])
    expect([...two].sort()).toEqual([...new Set([...of('a'), ...of('b')])].sort())
  })

  // The definition of a stream may name others to copy from.
  it('let none create a stream but services that no proxy talks to', () => {
    expect([...new Set(channelRows.flatMap(creatorsOf))].sort()).toEqual(['translator', 'watcher'])
  })

  it('follow the table: writers of a channel without a keeper create its stream', () => {
    const row = { ...channelRows.find(({ name }) => name === 'feedback'), name: 'verdict' } as Channel<never>
    const { keeper: _, ...kept } = row as SharedChannel<never>
    const grants = busGrants({ install: 'in', service: 'xds-server', sources: ['local'] }, [kept])
    expect(grants.map(({ subject }) => subject)).toContain('$JS.API.STREAM.CREATE.in_verdict_v1_local')
  })
})

describe('the configuration of the server', () => {
  it('has a user for each service with a password, and for no other', () => {
    const text = natsAccounts({ install: 'in', sources: ['local'], passwords: { watcher: 'w', stranger: 's' } })
    const accounts = JSON.parse(text.replace(/^accounts /, '')) as Record<string, { users: { user: string }[] }>
    expect(Object.keys(accounts)).toEqual(['in'])
    expect(accounts['in']?.users.map(({ user }) => user)).toEqual(['in/watcher'])
  })
})
