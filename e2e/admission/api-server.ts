// The truth: a real API server that holds the CRDs of the Gateway API and ours, asked by dry-run what it thinks of an
// object. Nothing is ever created.
import { kindInfo } from '@penstock/gateway-api'
import { type Crd, crdsOfGatewayApi } from '@penstock/gateway-api/admission'
import { ApiFault, accessByKubeconfig, createKube, type Kube } from '@penstock/kube'
import { startControlPlane, until } from '@penstock/testkit'
import { isPlain, type PlainObject, type Verdict } from './verdict.ts'

export interface ApiServer extends AsyncDisposable {
  judge(document: unknown): Promise<Verdict>
}

const startMs = 60_000

/** `namespaces` exist there, for objects to be in. */
export async function startApiServer(namespaces: Iterable<string>): Promise<ApiServer> {
  await using stack = new AsyncDisposableStack()
  const plane = stack.use(await startControlPlane())
  const kube = stack.use(createKube({ access: await accessByKubeconfig({ file: plane.kubeconfig }), service: 'e2e' }))
  for (const name of new Set(namespaces)) await create(kube, '/api/v1/namespaces', { metadata: { name } })
  const crds = crdsOfGatewayApi()
  await Promise.all(crds.map((crd) => create(kube, definitions, definition(crd))))
  for (const crd of crds) {
    for (const { name } of crd.versions) {
      const path = `/apis/${crd.group}/${name}/${crd.plural}`
      await until(`${path} is served`, () => kube.request({ path }).catch(isRefusal), startMs)
    }
  }
  const keep = stack.move()
  return { judge: (document) => judge(kube, document), [Symbol.asyncDispose]: () => keep.disposeAsync() }
}

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'

async function judge(kube: Kube, document: unknown): Promise<Verdict> {
  const path = pathFor(document)
  if (path === undefined) return { refused: 'no kind, so nowhere to ask' }
  try {
    const query = { dryRun: 'All', fieldValidation: 'Strict' }
    return { object: await kube.request<PlainObject>({ method: 'POST', path, query, body: document }) }
  } catch (thrown) {
    const refusal = isRefusal(thrown)
    // It is right, so right that it is there already.
    if (refusal.reason === 'AlreadyExists') return { object: undefined }
    return { refused: refusal.message }
  }
}

function isRefusal(thrown: unknown): ApiFault | never {
  // Some names cannot stand in a path, which the server does not take for our mistake.
  if (thrown instanceof ApiFault && (thrown.status < 500 || thrown.message.includes('invalid resource name'))) {
    return thrown
  }
  throw thrown
}

/** Where kubectl would send it. */
function pathFor(document: unknown): string | undefined {
  const { apiVersion, kind, metadata } = isPlain(document) ? document : {}
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || apiVersion === '' || kind === '') return undefined
  const [version = '', group = ''] = apiVersion.split('/').toReversed()
  const info = kindInfo(group, kind)
  const plural = info?.plural ?? `${kind.toLowerCase()}s`
  const given = isPlain(metadata) ? metadata['namespace'] : undefined
  const namespace = typeof given === 'string' && given !== '' ? given : 'default'
  const place = info?.namespaced === false ? '' : `namespaces/${encodeURIComponent(namespace)}/`
  return `${group === '' ? '/api' : `/apis/${encodeURIComponent(group)}`}/${encodeURIComponent(version)}/${place}${encodeURIComponent(plural)}`
}

async function create(kube: Kube, path: string, body: object): Promise<void> {
  await kube.request({ method: 'POST', path, body })
}

function definition({ group, kind, plural, scope, versions }: Crd): object {
  return {
    metadata: {
      name: `${plural}.${group}`,
      // For groups of Kubernetes itself the API server asks for it.
      annotations: { 'api-approved.kubernetes.io': 'https://github.com/kubernetes-sigs/gateway-api/pull/1086' },
    },
    spec: {
      group,
      scope,
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: versions.map(({ name, openAPIV3Schema }) => ({
        name,
        served: true,
        storage: name === kindInfo(group, kind)?.versions[0],
        schema: { openAPIV3Schema },
        ...(openAPIV3Schema.properties?.['status'] && { subresources: { status: {} } }),
      })),
    },
  }
}
