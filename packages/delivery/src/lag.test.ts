import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { type Meter, silentMeter } from '@penstock/telemetry'
import type { ProxyState } from '@penstock/xds'
import { createLag, type Lag } from './lag.ts'

let nowMs: number
let observed: number[]
/** By name and fleet. */
let gauges: Map<string, number>
let lag: Lag

const meter: Meter = {
  ...silentMeter,
  gauge: (name) => ({
    set: (value, labels = {}) => void gauges.set([name, ...Object.values(labels)].join(' '), value),
    remove: (labels) => void gauges.delete([name, ...Object.values(labels)].join(' ')),
  }),
  histogram: () => ({ observe: (value) => void observed.push(value) }),
}

beforeEach(() => {
  jest.useFakeTimers()
  nowMs = 10_000
  observed = []
  gauges = new Map()
  lag = createLag(meter, () => nowMs)
})
afterEach(() => {
  lag[Symbol.dispose]()
  jest.useRealTimers()
})

const proxy = (name: string, acknowledgedCommit: number, acknowledgedAtMs = 0, connectedSinceMs = 1): ProxyState => ({
  ...{ proxy: name, acknowledgedCommit, acknowledgedAtMs, connectedSinceMs, rejections: [] },
})
const check = (...proxies: ProxyState[]): void => lag.check('f', proxies)
const commit = (id: number, changedMs: number): void => lag.add({ fleet: 'f', commit: id, changedMs })
const looked = (name: string): number | undefined => {
  jest.advanceTimersByTime(1_000)
  return gauges.get(name)
}

describe('a proxy', () => {
  it('is behind by the commits that it has not acknowledged, since the oldest change of them', () => {
    check(proxy('p', 1), proxy('q', 1))
    commit(2, 8_000)
    commit(3, 9_500)
    check(proxy('p', 1), proxy('q', 3, 9_900))
    expect(lag.behind('f', proxy('p', 1))).toEqual({ commits: 2, ms: 2_000 })
    expect(lag.behind('f', proxy('p', 2))).toEqual({ commits: 1, ms: 500 })
    expect(lag.behind('f', proxy('q', 3))).toEqual({ commits: 0, ms: 0 })
    expect(looked('penstock_delivery_lagging_proxies')).toBe(1)
    expect(gauges.get('penstock_delivery_lag_seconds')).toBe(2)
  })

  it('that acknowledged nothing yet is behind since it came', () => {
    check(proxy('new', 0, 0, 9_000))
    expect(lag.behind('f', proxy('new', 0, 0, 9_000))).toEqual({ commits: 1, ms: 1_000 })
  })

  it('is behind since a change came here where nobody knows when it was made', () => {
    check(proxy('p', 1))
    commit(2, 0)
    nowMs += 50
    expect(lag.behind('f', proxy('p', 1))).toEqual({ commits: 1, ms: 50 })
  })
})

describe('from a change to its acknowledgement', () => {
  it('is measured once for each commit and proxy', () => {
    check(proxy('p', 1), proxy('q', 1))
    commit(2, 9_000)
    commit(3, 9_900)
    check(proxy('p', 3, 10_100), proxy('q', 2, 10_000))
    check(proxy('p', 3, 10_100), proxy('q', 3, 10_200))
    expect(observed).toEqual([1.1, 0.2, 1, 0.3])
  })

  it('is nothing for a proxy that came after the change, nor for a change of unknown time', () => {
    check(proxy('slow', 1))
    commit(2, 9_000)
    commit(3, 0)
    check(proxy('slow', 1), proxy('new', 3, 10_010, 10_005))
    expect(observed).toEqual([])
    check(proxy('slow', 3, 10_020), proxy('new', 3, 10_010, 10_005))
    expect(observed).toEqual([1.02])
  })

  it('is never negative, whatever the clocks say', () => {
    check(proxy('p', 1))
    commit(2, 20_000)
    check(proxy('p', 2, 10_001))
    expect(observed).toEqual([0])
  })
})

describe('fleets', () => {
  const named = (): string[] => [...gauges.keys()].filter((key) => key.includes('_fleet_lag_'))

  it('are named while one of their proxies is behind by more than a second', () => {
    check(proxy('p', 1))
    commit(2, 9_500)
    expect(looked('penstock_delivery_fleet_lag_seconds f')).toBeUndefined()
    nowMs += 1_000
    expect(looked('penstock_delivery_fleet_lag_seconds f')).toBe(1.5)
    check(proxy('p', 2, nowMs))
    jest.advanceTimersByTime(1_000)
    expect(named()).toEqual([])
    expect(gauges.get('penstock_delivery_lagging_proxies')).toBe(0)
  })

  it('are fifty at most, those furthest behind, and none that is forgotten', () => {
    for (let each = 0; each < 80; each += 1) lag.check(`f${each}`, [proxy('p', 0, 0, each)])
    expect(looked('penstock_delivery_fleet_lag_seconds f0')).toBe(10)
    expect(named()).toHaveLength(50)
    for (let each = 0; each < 80; each += 1) lag.forget(`f${each}`)
    jest.advanceTimersByTime(1_000)
    expect(named()).toEqual([])
    expect(gauges.get('penstock_delivery_lag_seconds')).toBe(0)
  })
})
