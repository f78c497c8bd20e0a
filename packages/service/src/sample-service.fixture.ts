// A real service for the tests of `run`: a setting tells it to misbehave in one way or another.
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { Fault } from '@penstock/fault'
import { integer, oneOf, run, text } from './index.ts'

await run({
  name: 'sample',
  settings: {
    mode: {
      env: 'PENSTOCK_SAMPLE_MODE',
      parse: oneOf('good', 'refuse', 'break', 'wait', 'hang', 'linger', 'throw', 'reject'),
      default: 'good',
      sentence: 'How the sample behaves.',
    },
    size: { env: 'PENSTOCK_SAMPLE_SIZE', parse: integer(1, 9), default: 5, sentence: 'Any number.' },
    password: { env: 'PENSTOCK_SAMPLE_PASSWORD', parse: text, default: undefined, sentence: 'Any text.', secret: true },
  },
  async start({ config: { mode }, log, meter, health, admin, stack, signal }) {
    stack.defer(() => log.info('ended', { what: 'first' }))
    stack.defer(async () => {
      // It takes a while, to see that what came first waits for it.
      await delay(20)
      log.info('ended', { what: 'second' })
    })
    if (mode === 'refuse') throw new Fault('bus_too_old', 'NATS is 2.9, needed is 2.12')
    if (mode === 'break') throw new TypeError('a bug in start')
    if (mode === 'wait' || mode === 'hang') log.info('waiting')
    if (mode === 'hang') await new Promise(() => {})
    if (mode === 'wait') {
      await once(signal, 'abort')
      signal.throwIfAborted()
    }
    if (mode === 'linger') stack.defer(() => new Promise(() => {}))
    if (mode !== 'good') {
      log.info('started')
      admin.debug('bug', () => {
        const bug = new Error('nobody caught this')
        if (mode === 'reject') void Promise.reject(bug)
        else
          setImmediate(() => {
            throw bug
          })
      })
      return
    }
    const check = health.check('toggle')
    const asks = meter.counter('penstock_sample_asks_total', 'How often it was asked', ['page'])
    const child = log.child({ part: 'toggle' })
    admin.debug('toggle', ({ rest }) => {
      asks.add(1, { page: 'toggle' })
      child.debug('toggled', { rest })
      if (rest === 'pass') check.pass()
      else check.fail(rest)
      return { rest }
    })
  },
})
