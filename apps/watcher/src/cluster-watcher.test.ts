import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { isOnlyForReferrers, kinds } from '@penstock/gateway-api'
import { kubeRole, until } from '@penstock/testkit'
import {
  createRig,
  gatewayClass,
  gatewayWith,
  isOfKubernetes,
  keyOf,
  kindOf,
  type Rig,
} from './cluster-rig.test-data.ts'

let rig: Rig
beforeEach(async () => {
  rig = await createRig()
})
afterEach(async () => rig[Symbol.asyncDispose]())

/** Every kind has a definition of its own, but those of Kubernetes. */
const definitions = kinds
  .filter((kind) => !isOfKubernetes(kind))
  .map(({ plural, group }) => `CustomResourceDefinition ${plural}.${group}`)
const publishes = (...names: string[]): Promise<unknown> => rig.publishes([...definitions, ...names])

describe('a cluster', () => {
  it('is published kind by kind, trimmed', async () => {
    const all = kinds.map((info) => ({ info, kind: info.kind, path: info.namespaced ? 'default/one' : 'one' }))
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': '{}', note: 'kept' }
    for (const { kind, path } of all) {
      await rig.create(kind, path, { spec: { a: 1 }, metadata: { annotations, finalizers: ['a.example/b'] } })
    }
    rig.live()
    const only = all.filter(({ info }) => !isOnlyForReferrers(info))
    await publishes(...only.map(({ kind, path }) => `${kind} ${path}`))
    expect(rig.seen.get(keyOf('Gateway', 'default/one'))).toEqual({
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'Gateway',
      metadata: {
        ...{ name: 'one', namespace: 'default', generation: 1, annotations: { note: 'kept' } },
        ...{ uid: expect.any(String), creationTimestamp: '2026-01-01T00:00:00Z' },
      },
      spec: { a: 1 },
    })
    expect(rig.seen.get(keyOf('Service', 'default/one'))).toMatchObject({ apiVersion: 'v1', kind: 'Service' })
  })

  it('tells the release of its Gateway API, and no more of a definition', async () => {
    rig.live()
    await publishes()
    const key = 'apiextensions.k8s.io/CustomResourceDefinition//gateways.gateway.networking.k8s.io'
    expect(rig.seen.get(key)).toEqual({
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: {
        ...{ name: 'gateways.gateway.networking.k8s.io', generation: 1 },
        ...{ uid: expect.any(String), creationTimestamp: '2026-01-01T00:00:00Z' },
        annotations: {
          'gateway.networking.k8s.io/bundle-version': 'v1.7.0',
          'gateway.networking.k8s.io/channel': 'experimental',
        },
      },
    })
  })

  it('is followed through edits, removals, and objects made again under their name', async () => {
    rig.live()
    await rig.create('GatewayClass', 'penstock', gatewayClass)
    await publishes('GatewayClass penstock')
    const before = rig.seen.get(keyOf('GatewayClass', 'penstock'))?.['metadata'] as { uid: string }
    await rig.edit('GatewayClass', 'penstock', { spec: { ...gatewayClass.spec, description: 'ours' } })
    await until('the edit', () => JSON.stringify(rig.seen.get(keyOf('GatewayClass', 'penstock'))).includes('ours'))
    rig.api.endWatches('cut')
    await rig.remove('GatewayClass', 'penstock')
    await rig.create('GatewayClass', 'penstock', gatewayClass)
    await until('the new one', () => {
      const { uid } = (rig.seen.get(keyOf('GatewayClass', 'penstock'))?.['metadata'] ?? before) as { uid: string }
      return uid !== before.uid
    })
    await rig.remove('GatewayClass', 'penstock')
    await publishes()
  })

  it('can be seen in part: some namespaces, and what carries labels', async () => {
    const labels = { team: 'a' }
    for (const namespace of ['one', 'two']) {
      await rig.create('HTTPRoute', `${namespace}/chosen`, { spec: {}, metadata: { labels } })
      await rig.create('HTTPRoute', `${namespace}/other`, { spec: {} })
      await rig.create('Service', `${namespace}/plain`, { spec: {} })
    }
    await rig.create('GatewayClass', 'penstock', gatewayClass)
    rig.live({ config: { namespaces: ['one'], labelSelector: 'team=a' } })
    await publishes('GatewayClass penstock', 'HTTPRoute one/chosen', 'Service one/plain')
    await rig.edit('HTTPRoute', 'one/other', { metadata: { labels } })
    await publishes('GatewayClass penstock', 'HTTPRoute one/chosen', 'HTTPRoute one/other', 'Service one/plain')
  })
})

describe('a restart', () => {
  it('publishes nothing when nothing differs', async () => {
    for (const name of ['a', 'b']) await rig.create('Secret', `default/${name}`, { data: { 'ca.crt': 'YQ==' } })
    await rig.create('Gateway', 'default/web', gatewayWith('a'))
    const first = rig.live()
    await publishes('Gateway default/web', 'Secret default/a')
    await first[Symbol.asyncDispose]()
    const before = rig.commits.length
    rig.live()
    await rig.create('Gateway', 'default/mark', gatewayWith())
    await publishes('Gateway default/mark', 'Gateway default/web', 'Secret default/a')
    expect(rig.commits.slice(before)).toEqual([['Gateway default/mark']])
  })

  it('removes what went meanwhile', async () => {
    await rig.create('Gateway', 'default/web', gatewayWith())
    const first = rig.live()
    await publishes('Gateway default/web')
    await first[Symbol.asyncDispose]()
    await rig.remove('Gateway', 'default/web')
    rig.live()
    await publishes()
  })
})

describe('a warm standby', () => {
  it('takes over from a fresh list, and says nothing twice', async () => {
    for (const name of ['gone', 'stays']) await rig.create('Gateway', `default/${name}`, gatewayWith())
    const first = rig.live()
    await publishes('Gateway default/gone', 'Gateway default/stays')
    const second = rig.live()
    await until('the standby is warm', () => second.checks.passing)
    const before = rig.commits.length
    // The standby hears of nothing from here on, but is not told so.
    rig.api.freeze()
    const ending = first[Symbol.asyncDispose]()
    rig.api.thaw()
    rig.api.endWatches('cut')
    rig.api.compact()
    await rig.remove('Gateway', 'default/gone')
    await ending
    await publishes('Gateway default/stays')
    expect(rig.commits.slice(before)).toEqual([['-Gateway default/gone']])
  })

  it('waits for the list of every kind before it publishes anything', async () => {
    await rig.create('Gateway', 'default/web', gatewayWith())
    const first = rig.live()
    await publishes('Gateway default/web')
    const second = rig.live()
    await until('the standby is warm', () => second.checks.passing)
    rig.api.misanswer({ match: /^GET .*\/udproutes/, status: 500 })
    await first[Symbol.asyncDispose]()
    const asked = (): number => rig.api.requests.filter((request) => request.startsWith('GET /apis/gateway')).length
    await rig.remove('Gateway', 'default/web')
    const before = asked()
    await until('it tries', () => asked() > before + 20)
    expect(rig.seen.has(keyOf('Gateway', 'default/web'))).toBe(true)
    rig.api.answerRightly()
    await publishes()
  })
})

describe('Secrets and ConfigMaps', () => {
  const ca = (text: string) => ({ data: { 'ca.crt': Buffer.from(text).toString('base64') } })

  it('are published only while something names them', async () => {
    await rig.create('Secret', 'default/one', { ...ca('one'), type: 'kubernetes.io/tls' })
    rig.live()
    await publishes()
    await rig.create('Gateway', 'default/web', gatewayWith('one'))
    await publishes('Gateway default/web', 'Secret default/one')
    await rig.edit('Gateway', 'default/other', gatewayWith('one'))
    await publishes('Gateway default/other', 'Gateway default/web', 'Secret default/one')
    await rig.remove('Gateway', 'default/web')
    await publishes('Gateway default/other', 'Secret default/one')
    await rig.edit('Gateway', 'default/other', gatewayWith())
    await publishes('Gateway default/other')
  })

  it('come with whoever names them, and rotate', async () => {
    rig.live()
    await publishes()
    await rig.create('Gateway', 'default/web', gatewayWith('later'))
    await publishes('Gateway default/web')
    await rig.create('Secret', 'default/later', ca('first'))
    await publishes('Gateway default/web', 'Secret default/later')
    await rig.edit('Secret', 'default/later', ca('second'))
    const isNew = (): boolean =>
      JSON.stringify(rig.seen.get(keyOf('Secret', 'default/later'))).includes(ca('second').data['ca.crt'])
    await until('the rotation', isNew)
    await rig.remove('Secret', 'default/later')
    await publishes('Gateway default/web')
  })

  it('are there, named while they were being listed', async () => {
    for (let index = 100; index < 180; index += 1) await rig.create('Secret', `default/s${index}`, ca('x'))
    const release = rig.api.hold(/secrets\?.*continue/)
    rig.live()
    await until('the first page was read', () => rig.api.requests.some((one) => /secrets\?.*continue/.test(one)))
    await rig.create('Gateway', 'default/web', gatewayWith('s100', 's179'))
    await until('the Secret is looked for', () => rig.api.requests.some((one) => one.endsWith('/secrets/s179')))
    release()
    await publishes('Gateway default/web', 'Secret default/s100', 'Secret default/s179')
  })

  it('are there before who names them, and go no sooner', async () => {
    rig.live()
    await rig.create('Secret', 'default/one', ca('one'))
    await publishes()
    await rig.edit('Gateway', 'default/web', gatewayWith('one'))
    await publishes('Gateway default/web', 'Secret default/one')
    await rig.edit('Gateway', 'default/web', gatewayWith())
    await publishes('Gateway default/web')
    const news = rig.commits.flatMap((names) => names.filter((name) => !name.startsWith('Custom')).join())
    expect(news.filter((names) => names !== '')).toEqual([
      'Secret default/one',
      'Gateway default/web',
      '-Secret default/one,Gateway default/web',
    ])
  })
})

describe('unknown is not empty', () => {
  /** A user with all rights but these. */
  async function userWithout(...plurals: string[]): Promise<() => Promise<void>> {
    rig.api.tokens.set('limited', 'limited')
    const groups = [...new Set(kinds.map(({ group }) => group)), 'apiextensions.k8s.io']
    const verbs = ['get', 'list', 'watch']
    const make = async (name: string, resources: readonly string[]): Promise<void> => {
      const rules = groups.map((group) => ({ group, resources, verbs }))
      for (const { kind, object } of kubeRole(name, 'limited', rules)) await rig.admin.create(kind, object)
    }
    const resources = [...kinds.map(({ plural }) => plural), 'customresourcedefinitions']
    await make(
      'most',
      resources.filter((plural) => !plurals.includes(plural)),
    )
    return () => make('rest', plurals)
  }
  const life = { token: 'limited' }

  it.each(['gateways', 'secrets', 'gatewayclasses'])(
    'one kind forbidden from the start, %s: its records stay, the others go on',
    async (plural) => {
      const everything = ['GatewayClass penstock', 'Gateway default/web', 'Secret default/one']
      await rig.create('GatewayClass', 'penstock', gatewayClass)
      await rig.create('Secret', 'default/one', { data: { 'ca.crt': 'YQ==' } })
      await rig.create('Gateway', 'default/web', gatewayWith('one'))
      const first = rig.live()
      await publishes(...everything)
      await first[Symbol.asyncDispose]()
      const allow = await userWithout(plural)
      const before = rig.commits.length
      rig.live(life)
      await rig.create('HTTPRoute', 'default/mark', { spec: {} })
      await publishes(...everything, 'HTTPRoute default/mark')
      expect(rig.commits.slice(before)).toEqual([['HTTPRoute default/mark']])
      const heldKind = kinds.find((kind) => kind.plural === plural)?.kind
      expect(rig.held().map((key) => key.split('/')[1])).toEqual([heldKind])
      await rig.edit('HTTPRoute', 'default/mark', { spec: { a: 1 } })
      expect(rig.log.map(({ event, fields }) => `${event} ${String(fields['kind'])}`)).toContain(
        `kube_held ${heldKind}`,
      )
      // Once it may be read, what went is removed, and nothing is held any more.
      await rig.remove('Gateway', 'default/web')
      await allow()
      await publishes('GatewayClass penstock', 'HTTPRoute default/mark')
      await until('nothing is held', () => rig.held().length === 0)
    },
  )

  it('a kind forbidden to who takes over: what its records name stays too', async () => {
    await rig.create('Secret', 'default/one', { data: { 'ca.crt': 'YQ==' } })
    await rig.create('Gateway', 'default/web', gatewayWith('one'))
    const first = rig.live()
    await publishes('Gateway default/web', 'Secret default/one')
    await userWithout('gateways')
    const second = rig.live(life)
    await until('the standby is warm', () => second.checks.passing)
    const before = rig.commits.length
    await first[Symbol.asyncDispose]()
    await rig.create('HTTPRoute', 'default/mark', { spec: {} })
    await publishes('Gateway default/web', 'Secret default/one', 'HTTPRoute default/mark')
    expect(rig.commits.slice(before)).toEqual([['HTTPRoute default/mark']])
  })

  it('Secrets that may not be read: who names another goes on all the same', async () => {
    await rig.create('Secret', 'default/one', { data: { 'ca.crt': 'YQ==' } })
    const allow = await userWithout('secrets')
    rig.live(life)
    await publishes()
    await rig.create('Gateway', 'default/web', gatewayWith('one'))
    await publishes('Gateway default/web')
    expect(rig.log.filter(({ event, fields }) => event === 'kube_held' && fields['kind'] !== 'Secret')).toEqual([])
    await allow()
    await publishes('Gateway default/web', 'Secret default/one')
  })

  it('a kind whose definition goes away and comes back, or comes later', async () => {
    await rig.create('TCPRoute', 'default/tcp', { spec: {} })
    rig.live()
    await publishes('TCPRoute default/tcp')
    await rig.undefine(kindOf('TCPRoute'))
    const tcp = 'CustomResourceDefinition tcproutes.gateway.networking.k8s.io'
    const without = definitions.filter((name) => name !== tcp)
    await until('the definition went', () => !rig.published().includes(tcp))
    await rig.create('HTTPRoute', 'default/mark', { spec: {} })
    await until('the mark', () => rig.published().includes('HTTPRoute default/mark'))
    expect(rig.published().filter((name) => !without.includes(name))).toContain('HTTPRoute default/mark')
    await rig.define(kindOf('TCPRoute'))
    await publishes('HTTPRoute default/mark')
    await rig.create('TCPRoute', 'default/again', { spec: {} })
    await publishes('HTTPRoute default/mark', 'TCPRoute default/again')
  })

  it('an API server that is away at first', async () => {
    await rig.create('Gateway', 'default/web', gatewayWith())
    const first = rig.live()
    await publishes('Gateway default/web')
    await first[Symbol.asyncDispose]()
    await rig.api.kill()
    const { checks } = rig.live()
    await until('it was tried', () => rig.log.some(({ event }) => event === 'kube_fault'))
    expect(checks.passing).toBe(false)
    expect(rig.published()).toContain('Gateway default/web')
    await rig.api.start()
    await until('it is ready', () => checks.passing)
    await publishes('Gateway default/web')
  })

  it('half a list', async () => {
    for (let index = 0; index < 60; index += 1) await rig.create('HTTPRoute', `default/r${index}`, { spec: {} })
    const first = rig.live()
    const routes = Array.from({ length: 60 }, (_, index) => `HTTPRoute default/r${index}`)
    await publishes(...routes)
    await first[Symbol.asyncDispose]()
    rig.api.misanswer({ match: /httproutes\?.*continue/, status: 500 })
    rig.live()
    const asked = (): number => rig.api.requests.filter((one) => /httproutes\?.*continue/.test(one)).length
    const before = asked()
    await until('half a list, again and again', () => asked() > before + 2)
    expect(rig.published()).toEqual([...definitions, ...routes].sort())
    await rig.remove('HTTPRoute', 'default/r7')
    rig.api.answerRightly()
    await publishes(...routes.filter((name) => !name.endsWith('/r7')))
  })

  it('a history that is forgotten, and a watch that says nothing', async () => {
    await rig.create('Gateway', 'default/web', gatewayWith())
    rig.live({ limits: { silenceMs: 150, answerTimeoutMs: 300 } })
    await publishes('Gateway default/web')
    rig.api.freeze()
    const before = rig.commits.length
    await until('it was noticed', () => rig.log.some(({ event }) => event === 'kube_fault'))
    expect(rig.commits.slice(before)).toEqual([])
    rig.api.compact()
    rig.api.thaw()
    await rig.remove('Gateway', 'default/web')
    await publishes()
  })
})
