import { afterEach, it } from '@jest/globals'
import { until } from '@penstock/testkit'
import { startEditWatch } from './edit-watch.ts'
import type { Edit } from './edits.ts'

const watch = startEditWatch()
afterEach(async () => watch[Symbol.asyncDispose]())

it('sees an edit when it goes live, though later ones of its target do not', async () => {
  let shown = 0
  const change = (edit: number): Edit => ({
    ...{ target: 'it', write() {}, isTold: () => true },
    isLive: () => Promise.resolve(shown >= edit),
  })
  for (const edit of [1, 2, 3]) watch.make(change(edit))
  const live = (): boolean[] => watch.between(0, Infinity).map(({ liveMs }) => liveMs !== undefined)
  for (const [edit, expected] of [
    [1, [true, false, false]],
    [3, [true, true, true]],
  ] as const) {
    shown = edit
    await until('the edit is seen', () => live().join() === expected.join())
  }
})
