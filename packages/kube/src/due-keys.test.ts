import { it } from '@jest/globals'
import { until } from '@penstock/testkit'
import { createDueKeys } from './due-keys.ts'

it('a key that is to be tried again much later is tried at its pace when somebody asks for it', async () => {
  let worked = 0
  const work = async (): Promise<boolean> => {
    worked += 1
    keys.addLater('a', 60_000)
    return true
  }
  await using keys = createDueKeys({ work, atOnce: 1, paceMs: { first: 20, longest: 40 } })
  keys.open()
  keys.add(['a'])
  await until('the first look', () => worked === 1)
  keys.add(['a'])
  await until('the second look', () => worked === 2)
})
