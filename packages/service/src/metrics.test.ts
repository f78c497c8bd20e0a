import { describe, expect, it } from '@jest/globals'
import { createMetrics } from './metrics.ts'

describe('the meter', () => {
  it('counts, gauges and observes, with labels', async () => {
    const { meter, text } = createMetrics()
    const commits = meter.counter('penstock_bus_commits_total', 'Commits', ['channel'])
    commits.add(2, { channel: 'ir' })
    commits.add(undefined, { channel: 'ir' })
    meter.gauge('penstock_bus_connected', 'Connected').set(1)
    const latency = meter.histogram('penstock_bus_commit_ms', 'Time', { labelNames: ['channel'], buckets: [1, 10] })
    latency.observe(5, { channel: 'ir' })
    const lines = (await text()).split('\n')
    expect(lines).toContain('penstock_bus_commits_total{channel="ir"} 3')
    expect(lines).toContain('penstock_bus_connected 1')
    expect(lines).toContain('penstock_bus_commit_ms_bucket{le="10",channel="ir"} 1')
    expect(lines).toContain('penstock_bus_commit_ms_bucket{le="1",channel="ir"} 0')
  })

  it('shows memory and the lag of the event loop of the process', async () => {
    const text = await createMetrics().text()
    expect(text).toMatch(/^process_resident_memory_bytes \d+/m)
    expect(text).toMatch(/^nodejs_eventloop_lag_p99_seconds \d/m)
  })

  it('gives the same instrument when asked twice, and refuses to make it another kind', async () => {
    const { meter, text } = createMetrics()
    for (let i = 0; i < 2; i += 1) meter.counter('penstock_x_total', 'X').add()
    expect(await text()).toMatch(/^penstock_x_total 2$/m)
    expect(() => meter.gauge('penstock_x_total', 'X')).toThrow('penstock_x_total is already of another kind')
  })
})
