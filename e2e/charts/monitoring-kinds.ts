// The kinds of the Prometheus operator, from its own module: so that an API server judges what charts say in them.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { downloadModule } from '@penstock/tools/go-module'
import { parse } from 'yaml'

const prometheusOperator = {
  path: 'github.com/prometheus-operator/prometheus-operator',
  version: 'v0.85.0',
  sum: 'h1:M5xLCLEoaW2IJfnuCwFzzpL+jSVQu3KGT84Pye+fW8s=',
}

const kinds = ['ServiceMonitor', 'PodMonitor', 'PrometheusRule'] as const

/** For helm, which asks no cluster when it renders. */
export const monitoringVersions: readonly string[] = kinds.map(
  (kind) => `--api-versions=monitoring.coreos.com/v1/${kind}`,
)

/** CustomResourceDefinitions. */
export async function monitoringDefinitions(): Promise<readonly object[]> {
  const folder = join(await downloadModule(prometheusOperator), 'example/prometheus-operator-crd')
  return kinds.map((kind) => {
    const file = `monitoring.coreos.com_${kind.toLowerCase()}s.yaml`
    return parse(readFileSync(join(folder, file), 'utf8')) as object
  })
}
