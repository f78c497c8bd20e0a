// HTTPS hostnames by the thousand, each with a listener, a certificate and a route of its own.
import type { Question } from './question.ts'
import { type EditKind, type Manifest, type Scene, spread } from './scene.ts'
import {
  editHost,
  gatewayWith,
  hostOf,
  inSet,
  listenerSetText,
  otherListener,
  routeText,
  secretText,
} from './scene-manifests.ts'

const listenersOfSet = 64
const setOf = (host: number): number => Math.floor(host / listenersOfSet)
const secretOf = (host: number): string => `secret-${host}`
const secure = (host: string, fresh: boolean): Question => ({ host, path: '/', secure: true, fresh })

const secret = (host: number, edit: number): Manifest => [
  `secrets/${secretOf(host)}.yaml`,
  secretText(secretOf(host), hostOf(host), edit),
]

function route(host: number, edit: number): Manifest {
  const parent = inSet(setOf(host), `l${host}`)
  const rules = [{ path: '/', edit }]
  return [`routes/route-${host}.yaml`, routeText({ name: `route-${host}`, host: hostOf(host), rules, parent })]
}

function listenerSet(set: number, hosts: number): Manifest {
  const first = set * listenersOfSet
  const here = Array.from({ length: Math.min(listenersOfSet, hosts - first) }, (_, at) => first + at)
  const listeners = here.map((host) => ({ name: `l${host}`, host: hostOf(host), secret: secretOf(host) }))
  return [`sets/set-${set}.yaml`, listenerSetText(set, listeners)]
}

const comingHost = (edit: number): string => `coming-${edit}.bench.example`

/** A set whose one hostname is another with each edit, and its route. */
function coming(set: number, edit: number): Manifest {
  const host = comingHost(edit)
  const listeners = listenerSetText(set, [{ name: 'coming', host, secret: secretOf(0) }])
  const rules = [{ path: '/', edit }]
  return [
    'sets/coming.yaml',
    `${listeners}---\n${routeText({ name: 'coming', host, rules, parent: inSet(set, 'coming') })}`,
  ]
}

export function secureHosts(hosts: number): Scene {
  const sets = Math.ceil(hosts / listenersOfSet)
  return {
    name: `https-${hosts}`,
    what: `${hosts} HTTPS hostnames with own certificates`,
    *manifests() {
      yield ['gateway.yaml', gatewayWith(otherListener)]
      for (let set = 0; set < sets; set += 1) yield listenerSet(set, hosts)
      for (let host = 0; host < hosts; host += 1) yield* [secret(host, 0), route(host, 0)]
      yield coming(sets, 0)
    },
    edits: [editsOfRoutes(hosts), editsOfCertificates(hosts), editsOfHostnames(sets)],
  }
}

const editsOfRoutes = (hosts: number): EditKind => ({
  what: 'a route',
  nth(edit) {
    const host = spread(edit, hosts)
    return { manifest: route(host, edit), question: secure(hostOf(host), false), answer: editHost(edit) }
  },
})

const editsOfCertificates = (hosts: number): EditKind => ({
  what: 'a certificate',
  nth(edit) {
    const host = spread(edit, hosts)
    return { manifest: secret(host, edit), question: secure(hostOf(host), true), answer: `CN=${editHost(edit)}` }
  },
})

const editsOfHostnames = (set: number): EditKind => ({
  what: 'a hostname for another',
  nth: (edit) => ({ manifest: coming(set, edit), question: secure(comingHost(edit), true), answer: editHost(edit) }),
})
