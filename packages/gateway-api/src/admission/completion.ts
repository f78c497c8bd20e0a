// What the API server adds to objects of the core kinds beyond the defaults of their fields, once they are known to be
// right (pkg/apis/core: SetDefaults_Service, Secret's strategy, and the label of every Namespace).
import { type Namespace, namespaceNameLabel } from '../namespace.ts'
import type { Resource } from '../resource.ts'
import { groupOf } from '../resource-key.ts'
import type { Secret } from '../secret.ts'
import type { Service } from '../service.ts'

export function completed(object: Resource): Resource {
  if (groupOf(object.apiVersion) !== '') return object
  switch (object.kind) {
    case 'Namespace':
      return withNameLabel(object as Namespace)
    case 'Service':
      return withTargetPorts(object as Service)
    case 'Secret':
      return withFoldedData(object as Secret & { stringData?: Readonly<Record<string, string>> })
    default:
      return object
  }
}

function withNameLabel(namespace: Namespace): Namespace {
  const { metadata } = namespace
  return {
    ...namespace,
    metadata: { ...metadata, labels: { ...metadata.labels, [namespaceNameLabel]: metadata.name } },
  }
}

/** Zero and the empty name ask for the default too. */
function withTargetPorts(service: Service): Service {
  const { spec } = service
  if (spec?.ports === undefined) return service
  return {
    ...service,
    spec: { ...spec, ports: spec.ports.map((port) => ({ ...port, targetPort: port.targetPort || port.port })) },
  }
}

/** The empty type asks for the default too. stringData is written, never read: it ends in data and wins there. */
function withFoldedData({
  stringData = {},
  data = {},
  type,
  ...rest
}: Secret & { stringData?: Readonly<Record<string, string>> }): Secret {
  // Line breaks are no part of base64.
  const encoded = Object.entries(data).map(([key, base64]) => [key, base64.replaceAll(/[\r\n]/g, '')])
  const plain = Object.entries(stringData).map(([key, text]) => [key, Buffer.from(text).toString('base64')])
  const all = [...encoded, ...plain]
  return { ...rest, type: type || 'Opaque', ...(all.length > 0 && { data: Object.fromEntries(all) }) }
}
