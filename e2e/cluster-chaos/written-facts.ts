// All that our services have written into a cluster: what a fresh computation must come to, whatever happened before.
import type { ApiObject } from '@penstock/kube'
import { namespace, refTo } from './kinds.ts'
import type { Scene } from './scene.ts'

const judged = ['Gateway', 'HTTPRoute']
const made = ['Deployment', 'Service', 'ConfigMap']

/** The status of each object, and the content of each that runs proxies, as JSON, by kind and name. */
export async function writtenFacts({ kube }: Scene): Promise<ReadonlyMap<string, string>> {
  const facts = new Map<string, string>()
  const take = async (kind: string, factOf: (object: ApiObject) => unknown, labelSelector?: string): Promise<void> => {
    const scope = { namespaces: [namespace], ...(labelSelector !== undefined && { labelSelector }) }
    for (const object of await kube.list(refTo(kind, '').kind, scope)) {
      facts.set(`${kind} ${object.metadata.name}`, JSON.stringify(factOf(object)))
    }
  }
  for (const kind of judged) await take(kind, ({ status }) => withoutTimes(status))
  for (const kind of made) await take(kind, contentOf, 'app.kubernetes.io/name=penstock-proxy')
  return facts
}

/** When a condition came to be so is not worked out but remembered. */
function withoutTimes(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value ?? {}, (key, each: unknown) => (key === 'lastTransitionTime' ? undefined : each)),
  )
}

function contentOf({ metadata, status: _, ...content }: ApiObject): unknown {
  const { labels, annotations = {} } = metadata
  // Kubernetes counts the roll-outs of a Deployment.
  const ours = Object.entries(annotations).filter(([name]) => !name.startsWith('deployment.kubernetes.io/'))
  return { labels, annotations: Object.fromEntries(ours), content }
}
