// How many proxies of a fleet there are, where an autoscaler says so, and how many may go at once. Pure.
import type { Autoscaling, DisruptionBudget } from '@penstock/ir'
import type { PlainObject } from '@penstock/kube'
import { deployment } from './owned-kinds.ts'
import { proxySelector } from './proxy-names.ts'

export function autoscalerSpec(autoscaling: Autoscaling, workload: string, container: string): PlainObject {
  const { minReplicas, maxReplicas, targetCpuPercent, targetMemoryPercent } = autoscaling
  // Of the proxy alone: what an overlay adds beside it may request nothing, and then the whole pod could not be judged.
  const metric = (name: string, averageUtilization: number | undefined): PlainObject[] =>
    averageUtilization === undefined
      ? []
      : [
          {
            type: 'ContainerResource',
            containerResource: { name, container, target: { type: 'Utilization', averageUtilization } },
          },
        ]
  const metrics = [...metric('cpu', targetCpuPercent), ...metric('memory', targetMemoryPercent)]
  return {
    scaleTargetRef: { apiVersion: `${deployment.group}/v1`, kind: deployment.kind, name: workload },
    ...{ minReplicas, maxReplicas },
    // Without any, Kubernetes has one of its own.
    ...(metrics.length === 0 ? {} : { metrics }),
  }
}

export function disruptionBudgetSpec({ minAvailable, maxUnavailable }: DisruptionBudget, name: string): PlainObject {
  return {
    selector: { matchLabels: proxySelector(name) },
    ...(minAvailable === '' ? {} : { minAvailable: countOrShare(minAvailable) }),
    ...(maxUnavailable === '' ? {} : { maxUnavailable: countOrShare(maxUnavailable) }),
  }
}

/** A number is one, a share such as "50%" a string. */
const countOrShare = (text: string): number | string => (/^\d+$/.test(text) ? Number(text) : text)
