// The objects that run a fleet's proxies, in the Gateway's namespace and owned by it, so that they go when it goes
// (GEP-1762: labels and annotations of a Gateway's infrastructure). Pure.
import type { KindInfo } from '@penstock/gateway-api'
import type { Infra, Source } from '@penstock/ir'
import type { PlainObject } from '@penstock/kube'
import { overlaid } from './overlay.ts'
import {
  autoscaler,
  configMap,
  disruptionBudget,
  fleetAnnotation,
  identityAnnotation,
  service,
  serviceAccount,
} from './owned-kinds.ts'
import { ownerReference, proxyLabels, proxyName } from './proxy-names.ts'
import { autoscalerSpec, disruptionBudgetSpec } from './proxy-scaling.ts'
import { serviceSpec } from './proxy-service.ts'
import { type ProxyContainer, workloadKind, workloadSpec } from './proxy-workload.ts'

export interface OwnedObject {
  readonly kind: KindInfo
  readonly namespace: string
  readonly name: string
  /** To be applied; undefined: one that stands stays as it is, and none is made. */
  readonly body: PlainObject | undefined
  /** Why it cannot be as it is wanted. */
  readonly refused?: string
  /** Of a Deployment whose number is an autoscaler's: so many at least when the autoscaler takes over. */
  readonly leastReplicas?: number
}

export interface ProxyOptions {
  readonly install: string
  readonly proxy: ProxyContainer
}

type WantedFleet = Infra & { readonly source: Source }

/** In the order in which they are made. */
export function proxyObjects(infra: WantedFleet, { install, proxy }: ProxyOptions): OwnedObject[] {
  const { parameters, source } = infra
  const name = proxyName(source.name)
  const labels = proxyLabels(source, install)
  const make = createMaker(infra, labels)
  // A DaemonSet has one proxy on each node.
  const workload = workloadKind(infra)
  const scaling = workload.kind === 'Deployment' ? parameters?.autoscaling : undefined
  const files = make(configMap, { data: proxy.files })
  const parts = { ...proxy, name, labels, files: files.body?.['data'] ?? proxy.files }
  const runs = make(workload, { spec: workloadSpec(infra, parts) })
  const container = String(proxy.container['name'])
  const budget = parameters?.disruptionBudget
  return [
    make(serviceAccount, { automountServiceAccountToken: false }),
    files,
    scaling ? { ...runs, leastReplicas: scaling.minReplicas } : runs,
    // A Service without ports is not valid: one that is there keeps its address until there are ports again.
    infra.ports.length === 0
      ? { kind: service, namespace: source.namespace, name, body: undefined }
      : make(service, { spec: serviceSpec(infra, name) }),
    ...(scaling ? [make(autoscaler, { spec: autoscalerSpec(scaling, name, container) })] : []),
    ...(budget ? [make(disruptionBudget, { spec: disruptionBudgetSpec(budget, name) })] : []),
  ]
}

function createMaker(infra: WantedFleet, labels: Readonly<Record<string, string>>) {
  const { source, fleet, parameters } = infra
  const { namespace } = source
  const name = proxyName(source.name)
  return (kind: KindInfo, content: PlainObject): OwnedObject => {
    const more = kind === service ? parameters?.service : undefined
    // Two of our field managers would take it from each other without an end, if the Gateway says something there.
    const { [identityAnnotation]: _, ...annotations } = { ...infra.annotations, ...more?.annotations }
    const metadata = {
      labels: { ...infra.labels, ...more?.labels, ...labels },
      annotations: { ...annotations, [fleetAnnotation]: fleet },
      ownerReferences: [ownerReference(source)],
    }
    const overlays = (parameters?.overlays ?? []).filter((overlay) => overlay.kind === kind.kind)
    const result = overlaid({ metadata, ...content }, overlays, {
      labels: Object.keys(labels),
      kept: parameters?.autoscaling ? [['spec', 'replicas']] : [],
    })
    return { kind, namespace, name, body: undefined, ...result }
  }
}
