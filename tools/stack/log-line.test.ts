import { describe, expect, it } from '@jest/globals'
import { type Console, showLine } from './log-line.ts'

const plain: Console = { colour: false, verbose: false, write: () => {} }
const show = (fields: object, to = plain): string | undefined =>
  showLine(JSON.stringify({ level: 'info', time: 1, svc: 's', ...fields }), { name: 'watcher', index: 0 }, to)

describe('what a person sees of the logs', () => {
  it.each([
    [{ msg: 'live', kind: 'HTTPRoute', namespace: 'default', name: 'web', ms: 4 }, 'live HTTPRoute default/web 4 ms'],
    [{ msg: 'refused', file: 'a.yaml', line: 3, path: 'spec.x', reason: 'no' }, 'refused a.yaml:3 spec.x: no'],
    [{ msg: 'refused', file: 'a.yaml', line: 3, path: '', reason: 'no' }, 'refused a.yaml:3 no'],
    [
      {
        msg: 'condition',
        kind: 'GatewayClass',
        namespace: '',
        name: 'c',
        type: 'Accepted',
        status: 'False',
        reason: 'R',
        message: 'M.',
      },
      'problem GatewayClass c Accepted=False R: M.',
    ],
    [{ msg: 'condition_recovered', kind: 'Gateway', namespace: 'n', name: 'g' }, 'recovered Gateway n/g'],
    [{ msg: 'settings', a: 1 }, undefined],
    [{ level: 'warn', msg: 'bus disconnected', reason: 'x' }, 'watcher         warn bus disconnected reason=x'],
  ])('%j', (fields, line) => {
    expect(show(fields)).toBe(line)
  })

  it('shows the rest when asked to', () => {
    expect(show({ msg: 'settings', a: 1 }, { ...plain, verbose: true })).toBe('watcher         info settings a=1')
  })

  it('keeps to itself what NATS and Envoy say, but for trouble', () => {
    const raw = (line: string): string | undefined => showLine(line, { name: 'nats', index: 0 }, plain)
    expect(raw('[1] [INF] Server is ready')).toBeUndefined()
    expect(raw('[1] [WRN] Plaintext passwords detected, use nkeys or bcrypt')).toBeUndefined()
    expect(raw('[1] [ERR] disk full')).toBe('nats            [1] [ERR] disk full')
  })

  it('paints each service in a colour of its own', () => {
    const painted = (index: number) => showLine('x [ERR]', { name: 's', index }, { ...plain, colour: true })
    expect(painted(0)).not.toBe(painted(1))
  })
})
