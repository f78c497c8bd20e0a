import { describe, expect, it } from '@jest/globals'
import type { XdsMessage, XdsRequest } from '../features/xds-wire.ts'
import { createXdsLedger } from './xds-ledger.ts'

const typeUrl = 'type.googleapis.com/t.Cluster'

const sent = (nonce: string, versions: Readonly<Record<string, string>>, ...removed: string[]): XdsMessage => ({
  ...{ typeUrl, nonce, removed },
  resources: Object.entries(versions).map(([name, version]) => ({ name, version, body: Buffer.from(version) })),
})
const asked = (request: Partial<XdsRequest> = {}): XdsRequest => ({
  ...{ typeUrl, nonce: '', refused: false, subscribed: [], unsubscribed: [], has: [] },
  ...request,
})

/** A stream on which `a` was acknowledged. */
function ledger() {
  const resent: string[] = []
  const book = createXdsLedger((resource) => resent.push(resource))
  book.asked('1', asked())
  book.sent('1', sent('n1', { a: 'v1' }))
  book.asked('1', asked({ nonce: 'n1' }))
  return { book, resent, names: () => [...book.held.keys()] }
}

describe('the ledger', () => {
  it('tells what is sent again on the same stream, and on one to which it was brought', () => {
    const { book, resent } = ledger()
    book.sent('1', sent('n2', { a: 'v1', b: 'v1' }))
    book.asked('2', asked({ has: [['a', 'v1']] }))
    book.sent('2', sent('n3', { a: 'v1', b: 'v1' }))
    expect(resent).toEqual(['Cluster a', 'Cluster a'])
  })

  it('does not mind another version, nor an answer to who asks anew', () => {
    const { book, resent } = ledger()
    book.sent('1', sent('n2', { a: 'v2' }))
    book.asked('1', asked({ nonce: 'n2', subscribed: ['a'] }))
    book.sent('1', sent('n3', { a: 'v2' }))
    expect(resent).toEqual([])
  })

  it('holds what was accepted, until it is removed, let go, or not brought to the next stream', () => {
    const { book, names } = ledger()
    book.sent('1', sent('n2', { b: 'v1', c: 'v1', d: 'v1' }, 'a'))
    book.asked('1', asked({ nonce: 'n2', unsubscribed: ['b'] }))
    expect(names()).toEqual(['Cluster c', 'Cluster d'])
    book.asked('2', asked({ has: [['d', 'v1']] }))
    expect(names()).toEqual(['Cluster d'])
  })

  it('holds what a next stream says that came of the last response of one that ended', () => {
    const { book } = ledger()
    book.sent('1', sent('n2', { a: 'v2', b: 'v1', c: 'v1' }))
    book.asked(
      '2',
      asked({
        has: [
          ['a', 'v2'],
          ['b', 'v1'],
        ],
      }),
    )
    expect([...book.held].map(([key, { version }]) => `${key} ${version}`)).toEqual(['Cluster a v2', 'Cluster b v1'])
  })

  it('holds nothing that was refused', () => {
    const { book, resent, names } = ledger()
    book.sent('1', sent('n2', { b: 'v1' }))
    book.asked('1', asked({ nonce: 'n2', refused: true }))
    book.sent('1', sent('n3', { b: 'v1' }))
    expect([names(), resent]).toEqual([['Cluster a'], []])
  })
})
