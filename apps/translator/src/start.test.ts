import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { type Bus, type BusSettings, channels, createMemoryBus, type JsonObject, type Publisher } from '@penstock/bus'
import { silentLogger, silentMeter } from '@penstock/telemetry'
import { until } from '@penstock/testkit'
import { startTranslator } from './start.ts'

const place = { install: 'test', source: 'local', settings: { leaseRetryMs: 20 } }
const group = 'gateway.networking.k8s.io'
const creationTimestamp = '1970-01-01T00:00:00Z'

function object(kind: string, name: string, spec: JsonObject, generation = 1): [string, JsonObject] {
  const namespace = kind === 'GatewayClass' ? {} : { namespace: 'default' }
  const metadata = { name, ...namespace, uid: name, generation, creationTimestamp }
  return [`${group}/${kind}/${namespace.namespace ?? ''}/${name}`, { apiVersion: `${group}/v1`, kind, metadata, spec }]
}
const gatewayClass = object('GatewayClass', 'penstock', { controllerName: 'penstock.dev/gateway-controller' })
const listener = { name: 'http', port: 80, protocol: 'HTTP', allowedRoutes: { namespaces: { from: 'Same' } } }
const gateway = object('Gateway', 'gw', { gatewayClassName: 'penstock', listeners: [listener] })
const service: [string, JsonObject] = [
  '/Service/default/v1',
  {
    ...{ apiVersion: 'v1', kind: 'Service', spec: { ports: [{ port: 80 }] } },
    metadata: { name: 'v1', namespace: 'default', uid: 'v1', generation: 1, creationTimestamp },
  },
]
const backendKey = 'backend/Service/default/v1/80/'
const backendRefs = [{ group: '', kind: 'Service', name: 'v1', port: 80, weight: 1 }]
const goodRules: JsonObject[] = [{ matches: [{ path: { type: 'PathPrefix', value: '/' } }], backendRefs }]
function route(host: string, generation: number, rules = goodRules): [string, JsonObject] {
  const parentRefs = [{ group, kind: 'Gateway', name: 'gw' }]
  return object('HTTPRoute', 'web', { parentRefs, hostnames: [host], rules }, generation)
}
const routeKey = `${group}/HTTPRoute/default/web`
const ruleKey = 'http_rule/HTTPRoute/default/web/#0'

let broker: ReturnType<typeof createMemoryBus>
let open: AsyncDisposable[]
let resources: Map<string, JsonObject>
let watcher: Publisher
/** The commit and the hostnames of the route's rule in IR; the generation and the commit that its status names. */
let rule: { commit: number; hosts: string[] } | undefined
let status: { generation: number; irCommit: number } | undefined
let commits: string[]
let ignored: unknown[]
let records: Set<string>
/** What the Gateway is told of its certificate. */
let validity: string | undefined

beforeEach(() => {
  broker = createMemoryBus()
  open = []
  commits = []
  ignored = []
  records = new Set()
  validity = undefined
  resources = new Map([gatewayClass, gateway, service, route('one.example.com', 1)])
  const get = (key: string) => {
    const value = resources.get(key)
    return value && { value }
  }
  const state = () => ({ get, keys: () => resources.keys(), held: new Set<string>(), inputs: [] })
  watcher = connect('watcher').publish(channels.resource, { state })
  watcher.refresh()
  const reader = connect('console')
  reader.follow(channels.ir, {
    onCommit({ commit, changes }) {
      commits.push(`ir ${changes.length}`)
      for (const { key, value } of changes) {
        if (value === undefined) records.delete(key)
        else records.add(key)
        if (key !== ruleKey || value?.kind !== 'http_rule') continue
        const hosts = value.value.attachments.flatMap(({ hostnames }) => hostnames.map(({ hostname }) => hostname))
        rule = { commit: commit.id, hosts }
      }
    },
  })
  reader.follow(channels.status, {
    onCommit({ changes }) {
      commits.push(`status ${changes.length}`)
      for (const { key, value, headers } of changes) {
        const ofListeners = value?.listeners.flatMap(({ conditions }) => conditions) ?? []
        validity = ofListeners.find(({ type }) => type.endsWith('/CertificateValid'))?.reason ?? validity
        if (key !== routeKey) continue
        status = { generation: value?.source?.generation ?? 0, irCommit: Number(headers['ir-commit']) }
      }
    },
  })
})

afterEach(async () => {
  await Promise.all(open.map((part) => part[Symbol.asyncDispose]()))
  broker[Symbol.dispose]()
})

function connect(service: string, settings: Partial<BusSettings> = {}): Bus {
  const bus = broker.connect({ ...place, service, settings })
  open.push(bus)
  return bus
}

interface Life extends AsyncDisposable {
  leads(): boolean
  /** Whether some rule of its own has this host, published or not. */
  knows(host: string): boolean
}

/** IR is acknowledged a while after it was written, as over a network. */
function slow(bus: Bus): Bus {
  const publish: Bus['publish'] = (channel, options) => {
    const publisher = bus.publish(channel, options)
    if (channel.name !== 'ir') return publisher
    const settled = async (): Promise<number> => {
      const commit = await publisher.settled()
      await nextTurn()
      return commit
    }
    return withOne(publisher, 'settled', settled)
  }
  return withOne(bus, 'publish', publish)
}

/** The same thing with another one of its methods. */
function withOne<T extends object, N extends keyof T>(thing: T, name: N, method: T[N]): T {
  return new Proxy(thing, {
    get(target, asked) {
      const member: unknown = asked === name ? method : Reflect.get(target, asked, target)
      return typeof member === 'function' && asked !== name ? (member.bind(target) as unknown) : member
    },
  })
}

function startLife(settings: Partial<BusSettings> = {}, over = (bus: Bus): Bus => bus): Life {
  const bus = over(connect('translator', settings))
  const lead = bus.lead({})
  const warn = (event: string, fields?: Record<string, unknown>): void => {
    if (event === 'not_served') ignored.push(fields)
  }
  const log = { ...silentLogger, warn }
  const config = { controllerName: 'penstock.dev/gateway-controller', fleet: 'all' }
  const translator = startTranslator({ bus, config, log, meter: silentMeter })
  const { graph, ir } = translator.translation
  return {
    leads: () => lead.held,
    knows: (host) => JSON.stringify(graph.values(ir).get(ruleKey)?.value ?? '').includes(host),
    async [Symbol.asyncDispose]() {
      await translator[Symbol.asyncDispose]()
      await bus[Symbol.asyncDispose]()
    },
  }
}

function edit(host: string, generation: number): void {
  const [key, value] = route(host, generation)
  resources.set(key, value)
  watcher.changed([key])
}

const told = (generation: number, host: string): Promise<unknown> =>
  until(`generation ${generation} is out`, () => status?.generation === generation && rule?.hosts.includes(host))

describe('an object that makes the translation throw', () => {
  it('loses nothing by a new life, nor what only it uses; deleted, it leaves nothing', async () => {
    const first = startLife()
    await told(1, 'one.example.com')
    expect([...records]).toEqual(expect.arrayContaining([ruleKey, backendKey]))
    await first[Symbol.asyncDispose]()
    // Nothing that an API server hands out, so nothing is prepared for it.
    const [key, broken] = route('one.example.com', 2, [{}])
    resources.set(key, broken)
    watcher.changed([key])
    await watcher.settled()
    commits = []
    startLife()
    await until('the new life leads', () => commits.length >= 2)
    // The Gateway, which counts the routes that are known.
    expect(commits).toEqual(['ir 0', 'status 1'])
    expect([...records]).toEqual(expect.arrayContaining([ruleKey, backendKey]))
    resources.delete(key)
    watcher.changed([key])
    await until('the deleted is gone', () => !records.has(ruleKey) && !records.has(backendKey))
  })
})

describe('time', () => {
  it('tells of a certificate when its deadline comes, and a new life says the same', async () => {
    const certificateUntil = (notAfterMs: number): void => {
      const facts = { dnsNames: ['a.example.com'], notBeforeMs: 0, notAfterMs, fingerprint: 'f' }
      const keyPem = { keyId: 'k', subject: '/Secret/default/cert', box: '' }
      const metadata = { name: 'cert', namespace: 'default', uid: 'cert', generation: 1, creationTimestamp }
      resources.set('/Secret/default/cert', {
        ...{ apiVersion: 'v1', kind: 'Secret', metadata, type: 'kubernetes.io/tls' },
        tls: { chainPem: 'pem', keyPem, facts },
      })
      watcher.refresh()
    }
    const tls = { mode: 'Terminate', certificateRefs: [{ group: '', kind: 'Secret', name: 'cert' }] }
    const listeners = [{ ...listener, port: 443, protocol: 'HTTPS', tls }]
    const [gatewayKey, secure] = object('Gateway', 'gw', { gatewayClassName: 'penstock', listeners }, 2)
    resources.set(gatewayKey, secure)
    certificateUntil(Date.now() + 3_600_000)
    const first = startLife()
    await until('it expires soon', () => validity === 'ExpiresSoon')
    const endMs = Date.now() + 400
    certificateUntil(endMs)
    await until('it expired', () => validity === 'Expired')
    expect(Date.now()).toBeGreaterThanOrEqual(endMs)
    await first[Symbol.asyncDispose]()
    commits = []
    startLife()
    await until('the new life leads', () => commits.length >= 2)
    expect(commits).toEqual(['ir 0', 'status 0'])
  })
})

describe('the translator', () => {
  it('publishes IR, and a status that names the commit of it', async () => {
    startLife()
    await told(1, 'one.example.com')
    expect(status?.irCommit).toBe(rule?.commit)
    edit('two.example.com', 2)
    await told(2, 'two.example.com')
    expect(status?.irCommit).toBe(rule?.commit)
  })

  it('names no IR commit that is older than what a status speaks of, however fast edits come', async () => {
    const committed = new Map<number, number>()
    const named = new Map<number, number>()
    const reader = connect('console')
    reader.follow(channels.ir, {
      onCommit({ commit, changes }) {
        const generation = changes.find(({ key }) => key === ruleKey)?.value?.value.source?.generation
        if (generation !== undefined) committed.set(generation, commit.id)
      },
    })
    reader.follow(channels.status, {
      onCommit({ changes }) {
        for (const { key, value, headers } of changes) {
          if (key === routeKey) named.set(value?.source?.generation ?? 0, Number(headers['ir-commit']))
        }
      },
    })
    startLife({}, slow)
    await told(1, 'one.example.com')
    for (let generation = 2; generation <= 60; generation += 1) {
      edit(`g${generation}.example.com`, generation)
      await nextTurn()
    }
    await told(60, 'g60.example.com')
    const firstWith = (generation: number): number =>
      Math.min(...[...committed].flatMap(([each, commit]) => (each >= generation ? [commit] : [])))
    const early = [...named].filter(([generation, commit]) => commit < firstWith(generation))
    expect(early).toEqual([])
    expect(named.get(60)).toBe(committed.get(60))
  })

  it('names the first IR commit of a new life for what changed before it', async () => {
    const first = startLife()
    await told(1, 'one.example.com')
    await first[Symbol.asyncDispose]()
    edit('two.example.com', 2)
    await watcher.settled()
    startLife()
    await told(2, 'two.example.com')
    expect(status?.irCommit).toBe(rule?.commit)
  })

  it('names no commit of an earlier term for what changed while another led', async () => {
    // Who lost the lease asks for it again only after it expired, and the rival is quicker then.
    const quick = { leaseTtlMs: 520, leaseDeadlineMs: 500, leaseRenewMs: 400 }
    const life = startLife({ ...quick, leaseRetryMs: 1_500 })
    await told(1, 'one.example.com')
    edit('two.example.com', 2)
    await told(2, 'two.example.com')
    broker.stop()
    await until('the lease is lost', () => !life.leads())
    const rival = connect('translator', { ...quick, leaseRetryMs: 10 })
    const led = new Promise<void>((resolve) => rival.lead({ onLead: () => resolve() }))
    broker.start()
    await led
    edit('three.example.com', 3)
    await until('the standby has it', () => life.knows('three.example.com'))
    await rival[Symbol.asyncDispose]()
    await told(3, 'three.example.com')
    expect(status?.irCommit).toBe(rule?.commit)
  })

  it('changes nothing when another takes over', async () => {
    const first = startLife()
    startLife()
    await told(1, 'one.example.com')
    commits = []
    await first[Symbol.asyncDispose]()
    await until('the other leads', () => commits.length >= 2)
    expect(commits).toEqual(['ir 0', 'status 0'])
    edit('two.example.com', 2)
    await told(2, 'two.example.com')
  })

  it('says which objects nothing comes of, when they change and when they lose what served them', async () => {
    startLife()
    await told(1, 'one.example.com')
    expect(ignored).toEqual([])
    const [gatewayKey] = gateway
    const reason = 'no parent of it is a Gateway of a class of ours: default/gw'
    const web = { kind: 'HTTPRoute', namespace: 'default', name: 'web', reason }
    resources.delete(gatewayKey)
    watcher.changed([gatewayKey])
    await until('the route is told', () => ignored.length > 0)
    expect(ignored).toEqual([web])
    const [, mistyped] = object('Gateway', 'gw', { gatewayClassName: 'penstok', listeners: [listener] }, 2)
    resources.set(gatewayKey, mistyped)
    watcher.changed([gatewayKey])
    await until('the Gateway is told', () => ignored.length > 1)
    const gw = { kind: 'Gateway', namespace: 'default', name: 'gw', reason: 'its class "penstok" does not exist' }
    expect(ignored).toEqual([web, gw])
  })
})
