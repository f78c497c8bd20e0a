import { describe, expect, it } from '@jest/globals'
import { expressionProblem } from './expressions.ts'

describe('what an access log of agentgateway shows', () => {
  it.each(['request.path', 'request.headers["x-team"]', 'response.code >= 500 ? "bad" : "good"', 'has(jwt.sub)'])(
    'is an expression: %s',
    (text) => {
      expect(expressionProblem(text)).toBeUndefined()
    },
  )

  it.each(['%RESPONSE_CODE%', 'request.', '', 'a b'])('is none, which is told: "%s"', (text) => {
    expect(expressionProblem(text)).toMatch(/^".*" is no CEL, \S+/)
  })
})
