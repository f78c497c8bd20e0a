import { describe, expect, it } from '@jest/globals'
import type { Channel, SharedChannel } from './channel.ts'
import { natsAuthorization } from './nats-server-config.ts'
import { busGrants, channelRows, creatorsOf } from './permissions.ts'

const subjects = (service: Parameters<typeof busGrants>[0]['service'], sources = ['local']): string[] =>
  busGrants({ install: 'in', service, sources }).map(({ action, subject }) => `${action} ${subject}`)

describe('the grants of a service', () => {
  it('of one that faces proxies are few', () => {
    expect(subjects('xds-server')).toEqual([
      'subscribe _INBOX_in_xds-server.>',
      'publish $JS.API.STREAM.INFO.in_ir_v1_local',
      'publish $JS.API.CONSUMER.CREATE.in_ir_v1_local.*.in.ir.v1.local.>',
      'publish $JS.API.CONSUMER.DELETE.in_ir_v1_local.*',
      'publish $JS.FC.in_ir_v1_local.>',
      'publish in.feedback.v1.local.>',
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
    const text = natsAuthorization({ install: 'in', sources: ['local'], passwords: { watcher: 'w', stranger: 's' } })
    const { users } = JSON.parse(text.replace('authorization ', '')) as { users: { user: string }[] }
    expect(users.map(({ user }) => user)).toEqual(['watcher'])
  })
})
