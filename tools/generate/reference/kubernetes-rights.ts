// docs/reference/kubernetes-rights.md, from the files that charts and tests read: what each service may do in Kubernetes,
// and why.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { busServices } from '@penstock/bus'
import { parse } from 'yaml'
import { code, page, table } from './markdown.ts'
import { root } from './services.ts'

interface Right {
  readonly why: string
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
}

export function kubernetesRightsDocument(): string {
  return page(
    'Rights in Kubernetes',
    'Each service has a ServiceAccount of its own. It may do what stands here and nothing else; a service with nothing gets ' +
      'no token either. The rows are `charts/<service>/files/rights.yaml`, from which the roles are made. ' +
      '`e2e/rights` asks a real API server (`SelfSubjectRulesReview`) whether each account may do exactly this, and the ' +
      'tests of status-reporter and infra-manager run with these rights and need each of them.',
    'What somebody who took over a service could do with its rights: [security](../security.md).',
    table(['service', 'where', 'kinds', 'may', 'for'], busServices().flatMap(rowsOf)),
    '## An installation for some namespaces',
    'Set `PENSTOCK_WATCH_NAMESPACES` (`team-a,team-b`) for the watcher and the infra-manager, and give every row of ' +
      '“namespaces” as a Role in each of those namespaces, bound there, in place of the ClusterRole. The rows of “cluster” ' +
      'stay a ClusterRole: those kinds have no namespace. The watcher then cannot read a Secret of any other namespace.',
    'A kind that the watcher may not read keeps what is known of it: `kube_held` in its log, `held` in the commits, and the ' +
      'gateways go on.',
  )
}

function rowsOf(service: string): string[][] {
  const file = join(root, 'charts', service, 'files/rights.yaml')
  if (!existsSync(file)) return [[service, '', 'none', 'nothing; no token', '']]
  const { cluster, namespaced } = parse(readFileSync(file, 'utf8')) as Record<
    'cluster' | 'namespaced',
    readonly Right[]
  >
  return [...rowsIn(service, 'cluster', cluster), ...rowsIn(service, 'namespaces', namespaced)]
}

const rowsIn = (service: string, place: string, rights: readonly Right[]): string[][] =>
  rights.map(({ why, apiGroups, resources, verbs }) => {
    const kinds = apiGroups.flatMap((group) => resources.map((resource) => code(kindOf(resource, group))))
    return [service, place, kinds.join(' '), verbs.join(', '), why]
  })

/** As kubectl takes it; the group of the Gateway API, which nearly all have, is left out. */
function kindOf(resource: string, group: string): string {
  const [plural = '', subresource] = resource.split('/')
  const named = group === '' || group === 'gateway.networking.k8s.io' ? plural : `${plural}.${group}`
  return subresource === undefined ? named : `${named}/${subresource}`
}
