// docs/troubleshooting.md names only what there is: every metric, condition, fault, event, setting and message in it, and
// every reason, readiness check and alert is in it.
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { conditions } from '@penstock/gateway-api'
import { alerts, troubleshooting } from '@penstock/tools/alerts'
import { allInstruments } from '@penstock/tools/metrics'

const root = resolve(import.meta.dirname, '../..')
const page = readFileSync(join(root, troubleshooting), 'utf8')
const prose = page.replaceAll(/^```[^]*?^```$/gm, '')
const spans = [...new Set([...prose.matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span))]

/** Words of others: of Kubernetes, helm, Envoy, Node; our own are looked up. */
const foreign: ReadonlySet<string> = new Set([
  ...[
    'True',
    'False',
    'Unknown',
    'Same',
    'ImagePullBackOff',
    'UNAVAILABLE',
    'NR',
    'UH',
    'UF',
    'UC',
    'UT',
    'SI',
    '401',
    '403',
  ],
  ...['%RESPONSE_FLAGS%', '/varz', '/jsz', '--wait', 'status', 'ca.crt', 'appProtocol', 'targetRefs', 'parentRefs'],
  ...['process_resident_memory_bytes', 'nodejs_heap_size_used_bytes', 'nodejs_eventloop_lag_p99_seconds'],
  ...['envoy_cluster_name', 'envoy_cluster_upstream_cx_connect_fail', 'envoy_cluster_membership_healthy'],
  ...['no matches for kind "GatewayClass"', '"GatewayConfig"', "additional properties '<name>' not allowed"],
  ...[
    '<namespace>~<gateway>',
    '*.example.com',
    'a.example.com',
    'matches[0]',
    'hostname',
    'allowedListeners',
    'allowedRoutes',
  ],
  ...['gateway.networking.k8s.io/HTTPRoute/demo/web', 'values.yaml', 'resources.requests', 'allowedRoutes.namespaces'],
  ...[
    'status.listeners',
    'status.parents',
    'parametersRef',
    'sectionName',
    'controllerName',
    'monitoring',
    'secrets',
    'nats',
  ],
  ...[
    'net.ipv4.ip_unprivileged_port_start',
    'timeouts.request',
    'timeouts.backendRequest',
    'settings',
    'penstock-crds',
    'secrets-after',
  ],
])

/** Of all rooms, tests and generated code excepted. */
function corpus(): string {
  const rooms = ['packages', 'apps'].flatMap((kind) =>
    readdirSync(join(root, kind)).map((room) => join(root, kind, room, 'src')),
  )
  const source = rooms.flatMap((room) =>
    filesBelow(room, (file) => file.endsWith('.ts') && !/\.test|\/gen\//.test(file)),
  )
  const charts = filesBelow(join(root, 'charts'), (file) =>
    /templates\/|values\.schema\.json$|values\.yaml$|penstock\/.*\.yaml$/.test(file),
  )
  return [...source, ...charts].map((file) => readFileSync(file, 'utf8')).join('\n')
}

const filesBelow = (folder: string, wanted: (path: string) => boolean): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => wanted(path) && !path.includes('node_modules'))

const text = corpus()
type Reasons = Readonly<Partial<Record<'True' | 'False' | 'Unknown', readonly string[]>>>
const owners: Readonly<Record<string, Readonly<Record<string, Reasons>>>> = conditions
const types = Object.entries(owners).flatMap(([owner, each]) =>
  Object.entries(each).map(([type, by]) => ({ owner, type, by })),
)
const reasons = new Set(types.flatMap(({ by }) => Object.values(by).flat()))
const falseReasons = types.flatMap(({ owner, type, by }) =>
  (by.False ?? []).map((reason): [string, string, string] => [owner, type, reason]),
)
/** The good news among them. */
const fine = ['NoConflicts', 'Pending']

/** Where a word belongs, by how it looks; the answer is whether it is there. */
const homes: readonly (readonly [RegExp, (word: string) => boolean])[] = [
  [/^penstock_/, (word) => allInstruments().has(word)],
  [/^(bus|kube|folder|setting|port)_\w+$/, (word) => text.includes(`${word}: {`) || text.includes(`'${word}'`)],
  [/^Penstock[A-Z]/, (word) => alerts.has(word)],
  [/^[A-Z][A-Za-z]+$/, (word) => reasons.has(word) || types.some(({ type }) => type === word)],
]

/** `<name>` stands for anything; a sentence has places that the source fills in, so its words are looked for. */
function isSaid(span: string): boolean {
  const words = span.replaceAll(/<[^>]*>/g, ' ').match(/[\w.-]*[A-Za-z]{2}[\w-]*/g) ?? []
  return words.length > 0 && words.every((word) => text.includes(word))
}

describe('the page names what there is', () => {
  it.each(spans.filter((span) => !foreign.has(span) && !/^(kubectl|helm|curl|--)/.test(span)))('%s', (span) => {
    const home = homes.find(([looks]) => looks.test(span))
    expect(home ? home[1](span) : isSaid(span) || chartValue(span)).toBe(true)
  })
})

/** `a.b` of a chart, by the ends of its path. */
const chartValue = (span: string): boolean =>
  /^[\w.]+(: \w+)?$/.test(span) &&
  span.split(/[.:] ?/).every((part) => text.includes(`"${part}"`) || text.includes(`${part}:`))

describe('the page has', () => {
  it.each(falseReasons.filter(([, , reason]) => !fine.includes(reason)))('%s %s %s', (_owner, _type, reason) => {
    expect(spans).toContain(reason)
  })

  const checks = [...text.matchAll(/\bcheck\(\s*'(\w+)'/g)]
    .map(([, name = '']) => name)
    .filter((name) => !['http', 'grpc', 'toggle'].includes(name))
  it.each([...new Set([...checks, 'lifetime'])])('the readiness check %s', (check) => {
    expect(page).toContain(`| \`${check}\` |`)
  })

  it.each([...alerts])('the alert %s, in the part that it leads to', (name, { page: anchor }) => {
    const part = page.split(/^## /m).find((each) => anchorOf(each.split('\n')[0] ?? '') === anchor)
    expect(part).toContain(`\`${name}\``)
  })

  it('a target for each link within it', () => {
    const anchors = [...page.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => anchorOf(heading))
    for (const [, target] of page.matchAll(/\]\(#([\w-]+)\)/g)) expect(anchors).toContain(target)
  })
})

const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^a-z0-9 -]/g, '')
    .replaceAll(' ', '-')
