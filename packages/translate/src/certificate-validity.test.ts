import { describe, expect, it } from '@jest/globals'
import type { Resource } from '@penstock/gateway-api'
import { certificate, createRig, gateway, gatewayClass, https, type Rig, secret } from './rig.test-data.ts'

const dayMs = 86_400_000
const type = 'penstock.dev/CertificateValid'
const start = Date.parse('2026-01-01T00:00:00Z')
const end = Date.parse('2026-04-01T00:00:00Z')

const cert = (name: string, notBeforeMs = start, notAfterMs = end): Resource =>
  secret(name, certificate(name, { notBeforeMs, notAfterMs }))

function rigAt(nowMs: number | undefined, ...secrets: readonly Resource[]): Rig {
  const refs = secrets.map(({ metadata }) => ({ name: metadata.name }))
  const rig = createRig([gatewayClass(), gateway('gw', [https('web', 'a', { tls: { certificateRefs: refs } })])])
  rig.translation.apply([], nowMs)
  rig.set(...secrets)
  return rig
}
const says = (rig: Rig): string | undefined => rig.listenerSays('gw', 'web')[type]

describe('a certificate', () => {
  it.each<[string, number | undefined, string | undefined]>([
    ['nothing while no time is told', undefined, undefined],
    ['not valid yet', start - 1, 'False NotYetValid'],
    ['nothing from its first moment on', start, undefined],
    ['nothing until two weeks before its end', end - 14 * dayMs - 1, undefined],
    ['two weeks before', end - 14 * dayMs, 'True ExpiresSoon'],
    ['until its last moment', end - 1, 'True ExpiresSoon'],
    ['expired', end, 'False Expired'],
  ])('says %s', (_, nowMs, expected) => {
    const rig = rigAt(nowMs, cert('a'))
    expect(says(rig)).toBe(expected)
    expect(rig.listenerSays('gw', 'web')).toMatchObject({
      Programmed: 'True Programmed',
      ResolvedRefs: 'True ResolvedRefs',
    })
  })

  it('passes from one to the next as time is told, also when the clock goes back', () => {
    const rig = rigAt(start - 1, cert('a'))
    const at = (nowMs: number) => {
      rig.translation.apply([], nowMs)
      return says(rig)
    }
    expect([at(start), at(end - 1), at(end), at(end - 1), at(start), at(start - 1)]).toEqual([
      undefined,
      'True ExpiresSoon',
      'False Expired',
      'True ExpiresSoon',
      undefined,
      'False NotYetValid',
    ])
  })

  it('tells when, and of all that a listener has the worst first', () => {
    const rig = rigAt(end - 1, cert('a'), cert('b', start, end - 5), cert('c', end, end + 90 * dayMs))
    expect(says(rig)).toBe('False Expired')
    expect(rig.message('Gateway', 'gw', type)).toBe(
      'The certificate of Secret default/a expires at 2026-04-01T00:00:00Z. ' +
        'The certificate of Secret default/b expired at 2026-03-31T23:59:59.995Z: clients refuse it. ' +
        'The certificate of Secret default/c is valid from 2026-04-01T00:00:00Z on: clients refuse it until then.',
    )
  })

  it('that is renewed in the same transaction in which time is told says nothing', () => {
    const rig = rigAt(start, cert('a'))
    const renewed = cert('a', end - dayMs, end + 90 * dayMs)
    rig.translation.apply([{ key: '/Secret/default/a', value: renewed }], end)
    expect(says(rig)).toBeUndefined()
    expect(rig.translation.nextDeadlineMs).toBe(end + 76 * dayMs)
  })

  it('is warned of as early as the installation wants', () => {
    const rig = createRig([gatewayClass(), gateway('gw', [https('web', 'a')]), cert('a')], {
      certificateWarningMs: 60 * dayMs,
    })
    rig.translation.apply([], end - 60 * dayMs)
    expect(says(rig)).toBe('True ExpiresSoon')
  })

  it('leaves nothing of its deadlines behind', () => {
    const rig = rigAt(start, cert('a'))
    rig.remove(cert('a'))
    expect(rig.translation.nextDeadlineMs).toBeUndefined()
    expect(rig.translation.graph.collections.filter(({ name }) => /moments|deadlines/.test(name))).toHaveLength(2)
    for (const collection of rig.translation.graph.collections) {
      if (/moments|deadlines/.test(collection.name)) expect(rig.translation.graph.values(collection).size).toBe(0)
    }
  })
})
