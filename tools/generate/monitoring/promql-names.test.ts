import { expect, it } from '@jest/globals'
import { namesIn } from './promql-names.ts'

it('finds metrics, matched labels and grouped labels', () => {
  const { metrics, matched, grouped } = namesIn(
    'histogram_quantile(0.9, sum by (job, le) (rate(a_bucket{x="b{c}", y=~"z"}[$__rate_interval]))) > 2 ' +
      'unless on (pod) group_left () d offset 5m or topk(3, e{}) and 1 - f',
  )
  expect([...metrics]).toEqual(['a_bucket', 'd', 'e', 'f'])
  expect([...(matched.get('a_bucket') ?? [])]).toEqual(['x', 'y'])
  expect([...grouped]).toEqual(['job', 'le', 'pod'])
})
