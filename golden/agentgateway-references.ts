// Whether agentgateway could take all that it is sent: everything that is named is there under the right name, and nothing
// is what the proxy rejects.
import { agentgatewayTypes } from '@penstock/plane-agentgateway'
import { Address, Resource } from '@penstock/plane-agentgateway/messages'
import type { PlaneResource } from '@penstock/testkit'

type Kind = NonNullable<Resource['kind']>
type ValueOf<C extends Kind['$case']> = Extract<Kind, { $case: C }>['value']
type Reference = NonNullable<NonNullable<ValueOf<'route'>['backends']>[number]['backend']>

/** What there is, to be referred to. */
interface Present {
  readonly binds: ReadonlySet<string | undefined>
  readonly listeners: ReadonlySet<string | undefined>
  /** `<namespace>/<hostname>:<port>`, and without a port. */
  readonly services: ReadonlySet<string>
}

/** One sentence for each mistake. */
export function complaintsOf(resources: readonly PlaneResource[]): string[] {
  const named = resources.filter(({ typeUrl }) => typeUrl === agentgatewayTypes.resource)
  const kinds = named.map(({ name, body }) => ({ name, kind: Resource.decode(body).kind }))
  const addresses = resources
    .filter(({ typeUrl }) => typeUrl === agentgatewayTypes.address)
    .map(({ name, body }) => ({ name, type: Address.decode(body).type }))
  const present: Present = {
    binds: new Set(kinds.flatMap(({ kind }) => (kind?.$case === 'bind' ? [kind.value.key] : []))),
    listeners: new Set(kinds.flatMap(({ kind }) => (kind?.$case === 'listener' ? [kind.value.key] : []))),
    services: new Set(
      addresses.flatMap(({ name, type }) =>
        type?.$case === 'service'
          ? [name, ...(type.value.ports ?? []).map((port) => `${name}:${port.servicePort}`)]
          : [],
      ),
    ),
  }
  return [
    ...kinds.flatMap(({ name, kind }) => complaintsOfKind(name, kind, present).map((why) => `${name}: ${why}`)),
    ...addresses.flatMap(({ name, type }) => complaintsOfAddress(name, type, present).map((why) => `${name}: ${why}`)),
  ]
}

type Check<V> = (value: V, present: Present) => (string | false)[]

const checks: { readonly [C in Kind['$case']]: Check<ValueOf<C>> } = {
  bind: ({ port = 0 }) => [port === 0 && 'no port'],
  listener: ({ bindKey, name, protocol, tls }, { binds }) => [
    !binds.has(bindKey) && `the bind ${bindKey} is not there`,
    name === undefined && 'no name',
    ![1, 2].includes(protocol ?? 0) && `the protocol ${protocol}`,
    (tls !== undefined) !== (protocol === 2) && 'TLS goes with HTTPS, and with nothing else',
    tls !== undefined && !(tls.cert?.length && tls.privateKey?.length) && 'TLS without a certificate and its key',
  ],
  route: (route, present) => [
    !present.listeners.has(route.listenerKey) && `the listener ${route.listenerKey} is not there`,
    route.name === undefined && 'no name',
    (route.matches ?? []).length === 0 && 'no match: it takes no request',
    ...(route.matches ?? []).flatMap(({ path, headers = [], queryParams = [] }) => [
      path?.kind === undefined && 'a path that is none',
      [...headers, ...queryParams].some(({ value }) => value === undefined) && 'a match without a value',
    ]),
    ...(route.trafficPolicies ?? []).flatMap(({ kind }) => [
      kind === undefined && 'a policy that is none',
      ...(kind?.$case === 'requestMirror' ? (kind.value.mirrors ?? []) : []).map(({ backend }) =>
        missing(backend, present),
      ),
    ]),
    ...(route.backends ?? []).flatMap(({ backend, backendPolicies = [] }) => [
      missing(backend, present),
      backendPolicies.some(({ kind }) => kind === undefined) && 'a policy of a backend that is none',
    ]),
  ],
  policy: ({ target, kind }, present) => [
    missing({ kind: target?.kind, port: target?.kind?.value.port }, present),
    kind?.value.kind === undefined && 'a policy that is none',
  ],
}

function complaintsOfKind(name: string, kind: Resource['kind'], present: Present): string[] {
  if (kind === undefined) return ['of no kind']
  const found = (checks[kind.$case] as Check<unknown>)(kind.value, present)
  const isNamed = name === `${kind.$case}/${kind.value.key}`
  return [...found, !isNamed && `it is ${kind.$case} ${kind.value.key}`].filter((why) => why !== false)
}

function complaintsOfAddress(name: string, type: Address['type'], { services }: Present): string[] {
  if (type === undefined) return ['of no type']
  if (type.$case === 'service') {
    const known = `${type.value.namespace}/${type.value.hostname}`
    return name === known ? [] : [`it is the service ${known}`]
  }
  const { uid, addresses = [], services: joined = {} } = type.value
  return [
    name !== uid && `it is the workload ${uid}`,
    addresses.some(({ length }) => length !== 4 && length !== 16) && 'an address that is none',
    ...Object.entries(joined).flatMap(([service, { ports = [] }]) =>
      ports.map(
        ({ servicePort }) => !services.has(`${service}:${servicePort}`) && `${service} has no port ${servicePort}`,
      ),
    ),
  ].filter((why) => why !== false)
}

/** What names nothing is answered with 500, as it should be. */
function missing(reference: Reference | undefined, { services }: Present): string | false {
  if (reference?.kind === undefined) return false
  const { namespace, hostname } = reference.kind.value
  const name = `${namespace}/${hostname}:${reference.port}`
  return !services.has(name) && `${name} is not there`
}
