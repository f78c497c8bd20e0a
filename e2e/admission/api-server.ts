// The truth: a real API server that holds the CRDs of the Gateway API and ours, asked by dry-run what it thinks of an
// object. Nothing is ever created.
import { kindInfo } from '@penstock/gateway-api'
import { ApiFault, accessByKubeconfig, createKube, type Kube } from '@penstock/kube'
import { startControlPlane } from '@penstock/testkit'
import { installDefinitions } from './definitions.ts'
import { isPlain, type PlainObject, type Verdict } from './verdict.ts'

export interface ApiServer extends AsyncDisposable {
  judge(document: unknown): Promise<Verdict>
}

/** `namespaces` exist there, for objects to be in. */
export async function startApiServer(namespaces: Iterable<string>): Promise<ApiServer> {
  await using stack = new AsyncDisposableStack()
  const plane = stack.use(await startControlPlane())
  const kube = stack.use(createKube({ access: await accessByKubeconfig({ file: plane.kubeconfig }), service: 'e2e' }))
  for (const name of new Set(namespaces)) {
    await kube.request({ method: 'POST', path: '/api/v1/namespaces', body: { metadata: { name } } })
  }
  await installDefinitions(kube)
  const keep = stack.move()
  return { judge: (document) => judge(kube, document), [Symbol.asyncDispose]: () => keep.disposeAsync() }
}

async function judge(kube: Kube, document: unknown): Promise<Verdict> {
  const path = pathFor(document)
  if (path === undefined) return { refused: 'no kind, so nowhere to ask' }
  try {
    const query = { dryRun: 'All', fieldValidation: 'Strict' }
    return { object: await kube.request<PlainObject>({ method: 'POST', path, query, body: document }) }
  } catch (thrown) {
    if (!(thrown instanceof ApiFault)) throw thrown
    if (isRightButTaken(thrown)) return { object: undefined }
    if (isRefusal(thrown)) return { refused: thrown.message }
    throw thrown
  }
}

/** It is there already, or a dry run beside this one holds the port that it asks for: both come after all checks. */
const isRightButTaken = ({ reason, message }: ApiFault): boolean =>
  reason === 'AlreadyExists' || message.includes('provided port is already allocated')

/** Some names cannot stand in a path, which the server does not take for our mistake. */
const isRefusal = ({ status, message }: ApiFault): boolean => status < 500 || message.includes('invalid resource name')

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
