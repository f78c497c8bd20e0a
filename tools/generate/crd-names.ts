// Names of the generated interfaces. CRD schemas are anonymous trees, so a name comes from the fields an object has,
// else from where it stands, else from its parent's kind and its own field.

/** A Kubernetes kind in house style: HTTPRoute is HttpRoute. */
export function houseName(kind: string): string {
  return kind.replace(/^(HTTP|GRPC|TLS|TCP|UDP)(?=[A-Z])/, capitalised).replace('TLS', 'Tls')
}

function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1).toLowerCase()
}

/** Objects known by their fields, wherever they stand. */
const byFields: Readonly<Record<string, string>> = {
  'group kind': 'RouteGroupKind',
  'group kind name': 'LocalObjectReference',
  'group kind name namespace': 'ObjectReference',
  'group kind name namespace port': 'BackendObjectReference',
  'group kind name namespace port weight': 'BackendReference',
  'group kind name namespace port sectionName': 'ParentReference',
  'group kind name sectionName': 'PolicyTargetReference',
  'matchExpressions matchLabels': 'LabelSelector',
  'key operator values': 'LabelSelectorRequirement',
  'lastTransitionTime message observedGeneration reason status type': 'Condition',
  'name value': 'HttpHeader',
  'add remove set': 'HeaderModifier',
  'replaceFullPath replacePrefixMatch type': 'PathModifier',
  'denominator numerator': 'Fraction',
  'absoluteTimeout cookie header type': 'SessionPersistence',
}

/** Objects known by the end of their path. First match wins; `$` is the route's protocol, `@` the kind. */
const byPath: readonly (readonly [RegExp, string])[] = [
  [/backendRefs \[\]$/, '$BackendReference'],
  [/rules \[\]$/, '$RouteRule'],
  [/matches \[\]$/, '$RouteMatch'],
  [/matches \[\] path$/, '$PathMatch'],
  [/matches \[\] method$/, '$MethodMatch'],
  [/matches \[\] headers \[\]$/, '$HeaderMatch'],
  [/matches \[\] queryParams \[\]$/, '$QueryParamMatch'],
  [/rules.* filters \[\]$/, '$RouteFilter'],
  [/rules \[\] retry$/, '$RouteRetry'],
  [/rules \[\] timeouts$/, '$RouteTimeouts'],
  [/sessionPersistence cookie$/, 'SessionCookie'],
  [/sessionPersistence header$/, 'SessionHeader'],
  [/listeners \[\] tls$/, 'ListenerTls'],
  [/listeners \[\] filters$/, 'ListenerFilters'],
  [/listeners \[\] filters requests \[\]$/, 'ListenerRequestFilter'],
  [/allowedRoutes$/, 'AllowedRoutes'],
  [/allowedRoutes namespaces$/, 'RouteNamespaces'],
  [/frontend .*validation$/, 'FrontendTlsValidation'],
  [/frontend (default|perPort \[\] tls)$/, 'FrontendTls'],
  [/subjectAltNames \[\]$/, 'SubjectAltName'],
  [/supportedFeatures \[\]$/, 'SupportedFeature'],
  [/status parents \[\]$/, 'RouteParentStatus'],
  [/status ancestors \[\]$/, 'PolicyAncestorStatus'],
  [/status listeners \[\]$/, '@ListenerStatus'],
]

/** The name of the object that stands at a path of a kind (house name) and has these fields. */
export function partName(kind: string, path: readonly string[], fields: readonly string[]): string {
  const place = path.join(' ')
  const protocol = /^(Http|Grpc|Tls|Tcp|Udp)Route$/.exec(kind)?.[1] ?? kind
  const named = byPath
    .find(([end]) => end.test(place))?.[1]
    ?.replace('$', protocol)
    .replace('@', kind)
  return byFields[[...fields].sort().join(' ')] ?? named ?? nameByPlace(kind, path)
}

/** What a filter holds is named by its field alone, the rest by its kind and the way to it. */
export function nameByPlace(kind: string, path: readonly string[]): string {
  const filter = path.findLastIndex((part, i) => part === '[]' && /^(filters|requests)$/.test(path[i - 1] ?? ''))
  const within = filter < 0 ? path : path.slice(filter + 1)
  const words = within.filter((part, i) => i > 0 || part !== 'spec' || within.length === 1)
  return (filter < 0 ? kind : '') + words.map((part, i) => word(part, words[i + 1])).join('')
}

function word(part: string, next: string | undefined): string {
  if (part === '[]' || part === '{}') return ''
  const single = next === '[]' ? singular(part) : part
  return single.charAt(0).toUpperCase() + single.slice(1)
}

function singular(word: string): string {
  return word
    .replace(/ies$/, 'y')
    .replace(/(ch|ss)es$/, '$1')
    .replace(/([^s])s$/, '$1')
}
