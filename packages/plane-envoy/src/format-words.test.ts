import { describe, expect, it } from '@jest/globals'
import { formatProblem } from './format-words.ts'

describe('the words of an access log', () => {
  it.each([
    'nothing',
    '100%% of %PROTOCOL%',
    '%REQ(X-FORWARDED-FOR?:AUTHORITY):10% %RESPONSE_CODE%',
    '[%START_TIME%] %START_TIME(%Y-%m-%dT%H:%M:%S.%3fZ)%',
    '%GRPC_STATUS% %GRPC_STATUS(NUMBER)%',
    '%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT(24)%',
    '%DYNAMIC_METADATA(com.example:a:b):5%',
  ])('are these: %s', (text) => {
    expect(formatProblem(text)).toBeUndefined()
  })

  it.each([
    ['%STATUS%', 'it knows no command STATUS'],
    ['100%', '"%" begins no command, and a percent sign is written "%%"'],
    ['50% of %PROTOCOL%', '"% of %PROTOCOL%" begins no command, and a percent sign is written "%%"'],
    ['%req(a)%', '"%req(a)%" begins no command, and a percent sign is written "%%"'],
    ['%REQ%', 'REQ needs what stands in parentheses'],
    ['%REQ()%', 'REQ needs what stands in parentheses'],
    ['%REQ(a b)%', 'REQ cannot have "(a b)"'],
    ['%DURATION(a)%', 'DURATION cannot have "(a)"'],
    ['%PROTOCOL:5%', 'PROTOCOL cannot have a length'],
    ['%GRPC_STATUS(a)%', 'GRPC_STATUS cannot have "(a)"'],
    ["%CEL(request.headers['a'])%", 'it knows no command CEL'],
  ])('are not these: %s', (text, problem) => {
    expect(formatProblem(text)).toBe(problem)
  })

  it('are judged in one pass, however long they are', () => {
    const almost = `%START_TIME(${'%ab'.repeat(1360)}%)%`
    expect(formatProblem(almost)).toMatch(/^START_TIME cannot have/)
  })
})
