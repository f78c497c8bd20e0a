// docs/reference/kubernetes-rights.md, from the files that charts and tests read: what each service may do in Kubernetes,
// and why.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { busServices } from '@penstock/bus'
import { parse } from 'yaml'
import { code, page, table } from './markdown.ts'
import { isBuilt, root } from './services.ts'

interface Right {
  readonly why: string
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly resourceNames?: readonly string[]
  readonly verbs: readonly string[]
}

interface AdmissionPart {
  readonly validations: readonly { readonly message: string }[]
}

export function kubernetesRightsDocument(): string {
  return page(
    'Rights in Kubernetes',
    'Each service has a ServiceAccount of its own. It may do what stands here and nothing else; a service with nothing gets ' +
      'no token either. The rows are `charts/<service>/files/rights.yaml`, from which the roles are made. ' +
      '`e2e/charts` renders the charts and finds these rights in the roles, and no other; `e2e/rights` asks a real API server (`SelfSubjectRulesReview`) whether each account may do exactly this, and the ' +
      'tests of status-reporter and infra-manager run with these rights and need each of them.',
    'What somebody who took over a service could do with its rights: [security](../security.md).',
    table(['service', 'where', 'kinds', 'may', 'for'], busServices().filter(isBuilt).flatMap(rowsOf)),
    '## What the infra-manager is refused',
    'A role names kinds, not objects. So the chart of the infra-manager brings two ValidatingAdmissionPolicies about the ' +
      'requests of its account alone, from `charts/infra-manager/files/admission.yaml`. The tests of the infra-manager run ' +
      'under them on a real API server, `e2e/charts` tries what they refuse. `admissionPolicy.enabled=false` leaves them out, ' +
      'for who may not create objects of no namespace.',
    table(['of', 'rule'], refusals()),
    '## Jobs',
    'What the services alone may know is made by jobs of the chart `secrets`, each with an account of its own, which helm ' +
      'removes with the job once it is done; the one for renewal stays. With `secrets.enabled=false` there are none: ' +
      '[secrets](../secrets.md).',
    table(['job', 'where', 'kinds', 'may', 'for'], jobRows()),
    '## An installation for some namespaces',
    'With the value `global.namespaces: [team-a, team-b]` every row of “namespaces” is a Role in each of those namespaces, ' +
      'bound there, in place of the ClusterRole. The rows of “cluster” stay a ClusterRole: those kinds have no namespace. ' +
      'The watcher then cannot read a Secret of any other namespace. Without our charts: give the same, and set ' +
      '`PENSTOCK_WATCH_NAMESPACES` (`team-a,team-b`) for the watcher and the infra-manager.',
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

function refusals(): string[][] {
  const file = join(root, 'charts/infra-manager/files/admission.yaml')
  const { objects, pods } = parse(readFileSync(file, 'utf8')) as Record<'objects' | 'pods', AdmissionPart>
  const rowsFor = (of: string, { validations }: AdmissionPart): string[][] =>
    validations.map(({ message }) => [of, message])
  return [...rowsFor('all kinds', objects), ...rowsFor('Deployments and DaemonSets', pods)]
}

/** Of the chart `secrets`: which part of its rights is whose, templates/objects.yaml says. */
function jobRows(): string[][] {
  const file = join(root, 'charts/secrets/files/rights.yaml')
  const { own, removal } = parse(readFileSync(file, 'utf8')) as Record<'own' | 'removal', readonly Right[]>
  const jobs = [
    ['secrets-before: install, upgrade', own],
    ['secrets: renewal, by a CronJob', own],
    ['secrets-after: uninstall', removal],
  ] as const
  return jobs.flatMap(([job, rights]) => rowsIn(job, 'its namespace', rights))
}

const rowsIn = (service: string, place: string, rights: readonly Right[]): string[][] =>
  rights.map(({ why, apiGroups, resources, resourceNames = [], verbs }) => {
    const kinds = apiGroups.flatMap((group) => resources.map((resource) => code(kindOf(resource, group))))
    const named = resourceNames.length === 0 ? '' : ` of the names ${resourceNames.map(code).join(' ')}`
    return [service, place, kinds.join(' ') + named, verbs.join(', '), why]
  })

/** As kubectl takes it; the group of the Gateway API, which nearly all have, is left out. */
function kindOf(resource: string, group: string): string {
  const [plural = '', subresource] = resource.split('/')
  const named = group === '' || group === 'gateway.networking.k8s.io' ? plural : `${plural}.${group}`
  return subresource === undefined ? named : `${named}/${subresource}`
}
