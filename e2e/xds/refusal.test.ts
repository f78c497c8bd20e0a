// What a real Envoy refuses: found among its neighbours, told in Envoy's words, and nothing else stands still.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { FleetChange } from '@penstock/ir'
import { envoyTypes } from '@penstock/plane-envoy'
import { exchange, freePorts, startEchoBackend, until } from '@penstock/testkit'
import { attachment, backendOf, listener, rule, service, to } from '../plane-envoy/records.ts'
import { type Rig, startRig } from './rig.ts'

const stack = new AsyncDisposableStack()
let rig: Rig
let port = 0
let backendPort = 0

const http = (): ReturnType<typeof listener> => listener('http', { port })
const names = Array.from({ length: 20 }, (_, number) => `h${number}`)
const host = (name: string, path = '/') =>
  rule(name, [attachment(http(), `${name}.example.com`)], {
    ...{
      backends: [to(name)],
      matches: [
        {
          precedence: '',
          path: { $case: 'prefix', value: path } as const,
          method: '',
          headers: [],
          query: [],
          grpc: false,
        },
      ],
    },
  })
const ask = async (name: string, path = '/'): Promise<number> =>
  (await exchange({ port, host: `${name}.example.com`, path })).status

/** No message can hold the same virtual host twice: two of a table's bodies, one after the other, are one that does. */
const doubled = ({ resource, ...change }: FleetChange): FleetChange => ({
  ...change,
  ...(resource && {
    resource: { version: `${resource.version}-doubled`, body: Buffer.concat([resource.body, resource.body]) },
  }),
})
/** A load balancing policy that does not exist (field 6). */
const senseless = ({ resource, ...change }: FleetChange): FleetChange => ({
  ...change,
  ...(resource && {
    resource: {
      version: `${resource.version}-senseless`,
      body: Buffer.concat([resource.body, Buffer.from([0x30, 99])]),
    },
  }),
})

beforeAll(async () => {
  backendPort = stack.use(await startEchoBackend('echo')).port
  ;[port = 0] = await freePorts(1)
  rig = stack.use(await startRig([http(), ...names.flatMap((name) => [host(name), ...service(name, [backendPort])])]))
})

afterAll(() => stack.disposeAsync())

describe('refused by Envoy', () => {
  it('one table of many in a response, without a word about which: the others are in force', async () => {
    const guilty: string[] = []
    rig.commit(
      names.map((name) => host(name, '/new')),
      (change) => {
        if (change.typeUrl !== envoyTypes.table || guilty.length > 0) return change
        guilty.push(change.name)
        return doubled(change)
      },
    )
    await rig.settled()
    const rejections = rig.proxy()?.rejections ?? []
    expect(rejections.flatMap(({ resources }) => resources)).toEqual(guilty)
    expect(rejections[0]?.message).not.toBe('')
    const answers = await Promise.all(names.map((name) => ask(name, '/old')))
    // The refused table goes on as it was.
    expect(answers.filter((status) => status === 200).length).toBeGreaterThan(0)
    expect(answers.filter((status) => status === 404).length).toBeGreaterThan(10)
  })

  it('until its content is good again', async () => {
    rig.commit(names.map((name) => host(name, '/newer')))
    await rig.settled()
    expect(rig.proxy()?.rejections).toEqual([])
    // Envoy answers before each of its threads has taken the change up.
    const answers = () => Promise.all(names.map((name) => ask(name, '/newer')))
    await until('all are served', async () => (await answers()).every((status) => status === 200))
  })

  it('a cluster among new ones: the others serve', async () => {
    const fresh = ['n1', 'n2', 'n3', 'n4', 'n5']
    rig.commit(
      fresh.flatMap((name) => [host(name), ...service(name, [backendPort])]),
      (change) =>
        change.typeUrl === envoyTypes.cluster && change.name === backendOf('n3') ? senseless(change) : change,
    )
    await rig.settled()
    expect(rig.proxy()?.rejections.map(({ typeUrl, resources }) => [typeUrl, ...resources])).toEqual([
      [envoyTypes.cluster, backendOf('n3')],
    ])
    const answers = await Promise.all(fresh.map((name) => ask(name)))
    expect(answers.map((status) => status === 200)).toEqual([true, true, false, true, true])
  })
})
