import { describe, expect, it } from '@jest/globals'
import { silentLogger, silentMeter } from '@penstock/telemetry'
import { connectionSettings, openBus } from './connection-settings.ts'

const { natsUrl } = connectionSettings

describe('where the bus is', () => {
  it.each(['nats://127.0.0.1:4222', 'one:4222, two:4222', 'tls://nats.example'])('may be said as %s', (text) => {
    expect(natsUrl.parse(text)).toBe(text)
  })

  it.each(['nats://me:hunter2@one:4222', 'nats://one:4222,token@two'])(
    'is refused with a user, who would have no effect: %s',
    (text) => {
      expect(() => natsUrl.parse(text)).toThrow('PENSTOCK_NATS_USER')
    },
  )

  it.each(['0', '6', '1.5', 'three'])('takes a number of copies that NATS can keep, not %s', (text) => {
    expect(() => connectionSettings.natsReplicas.parse(text)).toThrow('a whole number from 1 to 5')
  })

  it('is refused by name when the file of credentials is away', async () => {
    const config = {
      ...{ natsUrl: 'x', install: 'i', source: 's' },
      natsUser: '',
      natsPassword: '',
      natsPasswordFile: '',
    }
    const parts = { log: silentLogger, meter: silentMeter, signal: new AbortController().signal }
    const opening = (async () => openBus('watcher', { ...config, natsCredentials: '/missing/creds' }, parts))()
    await expect(opening).rejects.toMatchObject({
      code: 'setting_invalid',
      message: expect.stringContaining('/missing/creds'),
    })
  })
})
