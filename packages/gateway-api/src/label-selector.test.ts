import { describe, expect, it } from '@jest/globals'
import { selects } from './label-selector.ts'

const labels = { team: 'a', tier: 'web' }
const expression = (key: string, operator: string, values?: string[]) => ({
  matchExpressions: [{ key, operator, ...(values && { values }) }],
})

describe('selects', () => {
  it.each([
    ['an absent selector takes nothing', undefined, false],
    ['an empty selector takes all', {}, true],
    ['an equal label', { matchLabels: { team: 'a' } }, true],
    ['another value', { matchLabels: { team: 'b' } }, false],
    ['a missing label', { matchLabels: { zone: 'x' } }, false],
    ['all labels must hold', { matchLabels: { team: 'a', tier: 'db' } }, false],
    ['In', expression('team', 'In', ['a', 'b']), true],
    ['In, another value', expression('team', 'In', ['b']), false],
    ['In, missing', expression('zone', 'In', ['x']), false],
    ['NotIn', expression('team', 'NotIn', ['b']), true],
    ['NotIn, listed', expression('team', 'NotIn', ['a']), false],
    ['NotIn, missing', expression('zone', 'NotIn', ['x']), true],
    ['Exists', expression('team', 'Exists'), true],
    ['Exists, missing', expression('zone', 'Exists'), false],
    ['DoesNotExist', expression('zone', 'DoesNotExist'), true],
    ['DoesNotExist, there', expression('team', 'DoesNotExist'), false],
    ['an unknown operator', expression('team', 'Gt', ['a']), false],
    ['labels and expressions must both hold', { matchLabels: { team: 'a' }, ...expression('zone', 'Exists') }, false],
  ])('%s', (_, selector, selected) => {
    expect(selects(selector, labels)).toBe(selected)
  })

  it('reads an object without labels', () => {
    expect(selects({ matchLabels: { team: 'a' } })).toBe(false)
    expect(selects(expression('team', 'DoesNotExist'))).toBe(true)
  })
})
