// What is measured: folders of resources, and for each the edits that are made and how an answer shows them.

import type { Question } from './question.ts'
import { type EditKind, type Manifest, type Scene, spread } from './scene.ts'
import { editHost, gatewayWith, hostOf, httpListener, routeText } from './scene-manifests.ts'
import { secureHosts } from './secure-scene.ts'

const asked = (host: string, path = '/'): Question => ({ host, path, secure: false, fresh: false })

const hostRoute = (route: number, edit: number): Manifest => [
  `routes/route-${route}.yaml`,
  routeText({ name: `route-${route}`, host: hostOf(route), rules: [{ path: '/', edit }] }),
]

const editsOfHosts = (routes: number): EditKind => ({
  what: 'a route',
  nth(edit) {
    const route = spread(edit, routes)
    return { manifest: hostRoute(route, edit), question: asked(hostOf(route)), answer: editHost(edit) }
  },
})

const exactHosts = (routes: number): Scene => ({
  name: `exact-${routes}`,
  what: `${routes} hosts`,
  *manifests() {
    yield ['gateway.yaml', gatewayWith(httpListener)]
    for (let route = 0; route < routes; route += 1) yield hostRoute(route, 0)
  },
  edits: [editsOfHosts(routes)],
})

/** A wildcard that also covers all the exact hosts beside it. */
function withWildcard(routes: number): Scene {
  const wildcard = (edit: number): Manifest => [
    'routes/wildcard.yaml',
    routeText({ name: 'wildcard', host: '*.bench.example', rules: [{ path: '/', edit }] }),
  ]
  const editsOfWildcard: EditKind = {
    what: 'the wildcard',
    nth: (edit) => ({ manifest: wildcard(edit), question: asked('any.bench.example'), answer: editHost(edit) }),
  }
  return {
    name: `wildcard-${routes}`,
    what: `${routes} hosts and a wildcard`,
    *manifests() {
      yield* exactHosts(routes).manifests()
      yield wildcard(0)
    },
    edits: [editsOfHosts(routes), editsOfWildcard],
  }
}

const rulesOfRoute = 16

function rulesOfOneHost(rules: number): Scene {
  const routes = Math.ceil(rules / rulesOfRoute)
  const host = hostOf(0)
  const path = (route: number, rule: number): string => `/rule-${route * rulesOfRoute + rule}`
  const route = (number: number, edit: number): Manifest => {
    const edited = number % rulesOfRoute
    const each = Array.from({ length: rulesOfRoute }, (_, rule) => ({
      path: path(number, rule),
      edit: rule === edited ? edit : 0,
    }))
    return [`routes/route-${number}.yaml`, routeText({ name: `route-${number}`, host, rules: each })]
  }
  return {
    name: `rules-${rules}`,
    what: `one host with ${rules} rules`,
    *manifests() {
      yield ['gateway.yaml', gatewayWith(httpListener)]
      for (let number = 0; number < routes; number += 1) yield route(number, 0)
    },
    edits: [
      {
        what: 'a rule',
        nth(edit) {
          const number = spread(edit, routes)
          const question = asked(host, path(number, number % rulesOfRoute))
          return { manifest: route(number, edit), question, answer: editHost(edit) }
        },
      },
    ],
  }
}

export const scenes: readonly Scene[] = [
  ...[10, 1_000, 3_000, 10_000].map(exactHosts),
  withWildcard(3_000),
  secureHosts(2_500),
  rulesOfOneHost(3_000),
]

/** Any size of a known form, such as `exact-500`. */
export function sceneNamed(name: string): Scene {
  const [form = '', size = ''] = name.split('-')
  const make = forms.get(form)
  if (make === undefined || !(Number(size) > 0)) {
    throw new Error(`no scene "${name}": one of ${[...forms.keys()].map((known) => `${known}-N`).join(', ')}`)
  }
  return make(Number(size))
}

const forms: ReadonlyMap<string, (size: number) => Scene> = new Map([
  ['exact', exactHosts],
  ['wildcard', withWildcard],
  ['https', secureHosts],
  ['rules', rulesOfOneHost],
])
