// The Resource type as the proxy stores it: every kind by its key, removal by the name that a resource came under, and
// what comes too early kept until its parent is there.
import { acceptBind, acceptListener, type Bind, type Listener } from './accept-listener.ts'
import { acceptBackend, acceptPolicy, type Backend, type Policy } from './accept-policy.ts'
import { acceptRoute, acceptTcpRoute, type Home, type Route, type TcpRoute } from './accept-route.ts'
import type { Resource } from './tables.ts'
import { refuse, type Warn } from './verdict.ts'

export interface OpenBind {
  readonly bind: Bind
  /** By key. */
  readonly listeners: ReadonlyMap<string, Listener>
}

export interface BindStore {
  /** Throws `Refused`: nothing was applied. */
  take(name: string, resource: Resource, warn: Warn): void
  /** A name that nothing came under is nothing. */
  remove(name: string): void
  readonly binds: ReadonlyMap<string, OpenBind>
  /** Listeners whose bind is not there, by key. */
  pending(): readonly Listener[]
  routesOf(home: Home): readonly Route[]
  tcpRoutesOf(home: Home): readonly TcpRoute[]
  homes(): readonly Home[]
  /** In order of their keys. */
  policiesFor(target: string): readonly Policy[]
  readonly policies: ReadonlyMap<string, Policy>
  readonly backends: ReadonlyMap<string, Backend>
  /** Names that were given to something else, so that what they named before is never removed. */
  readonly leaks: readonly string[]
}

export function createBindStore(): BindStore {
  const names = createNames()
  const ports = createPorts()
  const routes = createHomes<Route>()
  const tcpRoutes = createHomes<TcpRoute>()
  const policies = new Map<string, Policy>()
  const backends = new Map<string, Backend>()
  /** How each kind is taken; throws before anything is changed. */
  const takes: { readonly [K in Stored]: (value: ValueOf<K>, warn: Warn) => void } = {
    bind: (value) => ports.take(acceptBind(value)),
    listener: (value, warn) => ports.takeListener(acceptListener(value, warn)),
    route: (value, warn) => routes.take(acceptRoute(value, warn)),
    tcpRoute: (value) => tcpRoutes.take(acceptTcpRoute(value)),
    policy: (value, warn) => void policies.set(value.key, acceptPolicy(value, warn)),
    backend: (value, warn) => void backends.set(value.key, acceptBackend(value, warn)),
  }
  const removals: { readonly [K in Stored]: (key: string) => unknown } = {
    bind: ports.remove,
    listener: ports.removeListener,
    route: routes.remove,
    tcpRoute: tcpRoutes.remove,
    policy: (key) => policies.delete(key),
    backend: (key) => backends.delete(key),
  }
  return {
    take(name, { kind: resource }, warn) {
      if (resource?.is === 'modelRoute') return
      if (!isStored(resource)) refuse('unknown resource type')
      // The name is kept even if what came under it is then refused.
      names.give(name, resource.is, resource.value.key)
      const take = takes[resource.is] as (value: ValueOf<Stored>, warn: Warn) => void
      take(resource.value, warn)
    },
    remove(name) {
      const stored = names.forget(name)
      if (stored !== undefined) removals[stored.kind](stored.key)
    },
    binds: ports.binds,
    pending: ports.pending,
    routesOf: routes.of,
    tcpRoutesOf: tcpRoutes.of,
    homes: () => [...routes.all(), ...tcpRoutes.all()],
    policiesFor: (target) =>
      [...policies.values()].filter((policy) => policy.target === target).toSorted((a, b) => (a.key < b.key ? -1 : 1)),
    policies,
    backends,
    leaks: names.leaks,
  }
}

type Kind = NonNullable<Resource['kind']>
type Stored = 'bind' | 'listener' | 'route' | 'tcpRoute' | 'policy' | 'backend'
type ValueOf<K extends Stored> = Extract<Kind, { is: K }>['value']

const storedKinds: readonly string[] = ['bind', 'listener', 'route', 'tcpRoute', 'policy', 'backend'] satisfies Stored[]

function isStored(resource: Kind | undefined): resource is Extract<Kind, { is: Stored }> {
  return resource !== undefined && storedKinds.includes(resource.is)
}

/** What each name was given to, as removals come by name. */
function createNames() {
  const names = new Map<string, { kind: Stored; key: string }>()
  const leaks: string[] = []
  return {
    leaks,
    give(name: string, kind: Stored, key: string): void {
      const before = names.get(name)
      if (before !== undefined && (before.kind !== kind || before.key !== key))
        leaks.push(`${name} was ${before.kind} ${before.key}, which stays, and is ${kind} ${key}`)
      names.set(name, { kind, key })
    },
    forget(name: string): { kind: Stored; key: string } | undefined {
      const stored = names.get(name)
      names.delete(name)
      return stored
    },
  }
}

/** Binds with their listeners, and the listeners that came before their bind. */
function createPorts() {
  const binds = new Map<string, { bind: Bind; listeners: Map<string, Listener> }>()
  const waiting = new Map<string, Map<string, Listener>>()
  return {
    binds,
    pending: (): Listener[] => [...waiting.values()].flatMap((listeners) => [...listeners.values()]),
    take(bind: Bind): void {
      const listeners = binds.get(bind.key)?.listeners ?? new Map<string, Listener>()
      for (const [key, listener] of waiting.get(bind.key) ?? []) listeners.set(key, listener)
      waiting.delete(bind.key)
      binds.set(bind.key, { bind, listeners })
    },
    /** A listener that moves stays with its former bind too, until its name is removed. */
    takeListener({ listener, bindKey }: { listener: Listener; bindKey: string }): void {
      const listeners = binds.get(bindKey)?.listeners ?? waiting.get(bindKey) ?? new Map<string, Listener>()
      listeners.set(listener.key, listener)
      if (!binds.has(bindKey)) waiting.set(bindKey, listeners)
    },
    /** With all of its listeners: they do not come back with it. */
    remove: (key: string): boolean => binds.delete(key),
    /** From one bind; of a listener that waits nothing is known here. */
    removeListener: (key: string): unknown =>
      [...binds.values()].find(({ listeners }) => listeners.has(key))?.listeners.delete(key),
  }
}

/** Routes by where they stand. One that moves is in both places until its name is removed. */
function createHomes<R extends { readonly key: string }>() {
  const homes = new Map<Home, Map<string, R>>()
  return {
    take({ route, home }: { route: R; home: Home }): void {
      const there = homes.get(home) ?? new Map<string, R>()
      there.set(route.key, route)
      homes.set(home, there)
    },
    remove(key: string): void {
      for (const [home, there] of homes) {
        there.delete(key)
        if (there.size === 0) homes.delete(home)
      }
    },
    of: (home: Home): readonly R[] => [...(homes.get(home)?.values() ?? [])],
    all: (): readonly Home[] => [...homes.keys()],
  }
}
