// The text key of an object: `<group>/<kind>/<namespace>/<name>`, where the core group and the scope of the cluster are
// empty. No Kubernetes name holds a slash, so it is reversible.

export interface ObjectName {
  readonly group: string
  readonly kind: string
  readonly namespace: string
  readonly name: string
}

export function objectKey({ group, kind, namespace, name }: ObjectName): string {
  return `${group}/${kind}/${namespace}/${name}`
}

export function resourceKey(object: {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly namespace?: string; readonly name: string }
}): string {
  const { apiVersion, kind, metadata } = object
  return objectKey({ group: groupOf(apiVersion), kind, namespace: metadata.namespace ?? '', name: metadata.name })
}

/** Throws on a text that no object can have; keys are ours, so that is a bug. */
export function parseObjectKey(key: string): ObjectName {
  const [group, kind, namespace, name, ...rest] = key.split('/')
  if (group === undefined || !kind || namespace === undefined || !name || rest.length > 0) {
    throw new Error(`not the key of an object: ${key}`)
  }
  return { group, kind, namespace, name }
}

/** `gateway.networking.k8s.io` of `gateway.networking.k8s.io/v1`; empty for the core group's `v1`. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/')
  return slash < 0 ? '' : apiVersion.slice(0, slash)
}
