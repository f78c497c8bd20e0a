import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, it } from '@jest/globals'
import { commandOf, serviceNames } from './cluster-services.ts'

it.each(serviceNames)('%s is started with the flags of the image, from what is built here', (name) => {
  const [node = '', ...words] = commandOf(name)
  const file = words.pop() ?? ''
  expect(existsSync(node)).toBe(true)
  expect(words.length).toBeGreaterThan(0)
  expect(words.filter((word) => !word.startsWith('--'))).toEqual([])
  expect(existsSync(join(resolve(import.meta.dirname, '../..'), file))).toBe(true)
})
