// The route-change scenario for a few seconds; two minutes of it are `npm run bench:route-change`.
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals'
import { type Rig, startRig } from '../features/rig.ts'
import { toggleRoute, toggleSummary } from './route-toggle.ts'

jest.setTimeout(60_000)

const stack = new AsyncDisposableStack()
let rig: Rig

beforeAll(async () => {
  rig = stack.use(await startRig())
})

afterAll(() => stack.disposeAsync(), 30_000)

it('a route that changes all the time answers every request, with one of its versions', async () => {
  const write = (route: object): void => rig.write('route.yaml', { ...route })
  const report = await toggleRoute({ gateway: 'gw', port: rig.port, seconds: 3, write })
  process.stdout.write(`${toggleSummary(report)}\n`)
  expect(report).toMatchObject({ failures: [], failed: 0, mixed: 0 })
  // All of them, on a machine that has time; two make a change.
  expect(report.seen).toBeGreaterThan(1)
})
