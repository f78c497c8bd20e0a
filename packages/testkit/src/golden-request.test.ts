import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type Expectation, type GoldenRequest, replay } from './golden-request.ts'

const server = createServer((request, response) => {
  response.writeHead(302, { location: String(request.headers['x-location']) }).end()
})
let port = 0
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})
afterAll(() => new Promise((resolve) => server.close(resolve)))

const golden = (location: string, expect: Expectation): GoldenRequest => ({
  request: { port, headers: { 'x-location': location } },
  expect,
})

describe('a golden request', () => {
  it.each([
    ['http://a.com:80/b', 'http://a.com/b'],
    ['http://a.com', 'http://a.com:80'],
    ['https://[::1]:443?b', 'https://[::1]?b'],
  ])('takes %s for %s: the port is what the scheme means anyway', async (said, expected) => {
    expect(await replay(golden(said, { location: expected }))).toEqual([])
  })

  it.each([
    ['http://a.com:443/', 'http://a.com/'],
    ['https://a.com:80/', 'https://a.com/'],
    ['http://a.com:8080/', 'http://a.com/'],
    ['http://a.com/:80', 'http://a.com/'],
    ['/b', 'http://a.com/b'],
  ])('does not take %s for %s', async (said, expected) => {
    expect(await replay(golden(said, { location: expected }))).toEqual([`location: ${said}, expected ${expected}`])
  })

  it('may expect something else of a plane', async () => {
    const own = { ...golden('/b', { status: 200 }), agentgateway: { status: 302 } }
    expect(await replay(own)).toEqual(['status: 302, expected 200'])
    expect(await replay(own, { plane: 'agentgateway' })).toEqual([])
  })

  it('may expect an answer where all others give none', async () => {
    const own = { ...golden('/b', { refused: true }), agentgateway: { status: 302 } }
    expect(await replay(own)).toEqual(['answered 302, expected no answer'])
    expect(await replay(own, { plane: 'agentgateway' })).toEqual([])
  })

  it('may not, where that plane answers as all do', async () => {
    const own = { ...golden('/b', { status: 302 }), agentgateway: { status: 302 } }
    expect(await replay(own, { plane: 'agentgateway' })).toEqual([
      'what is expected of agentgateway alone is what all answer',
    ])
  })

  it('names what it does not know, of every plane', async () => {
    const own = { ...golden('/b', {}), agentgateway: { state: 302 } as Expectation }
    expect(await replay(own)).toEqual(['requests.yaml: no such expectation: state'])
  })
})
