// The charts as a machine without a cluster can judge them: by helm, by their schemas, by an API server that is only
// asked, and by the rights that they give.
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { type ControlPlane, kubernetesFolder, kubernetesIsBuilt, startControlPlane } from '@penstock/testkit'
import { applications } from '@penstock/tools/chart-folders'
import { type Charts, openCharts } from '@penstock/tools/helm'
import { parseAllDocuments } from 'yaml'
import { certificateDefinitions, certificateVersions } from './certificate-kinds.ts'
import { monitoringDefinitions, monitoringVersions } from './monitoring-kinds.ts'
import { triedValues } from './tried-values.ts'

jest.setTimeout(300_000)
const suite = (await kubernetesIsBuilt()) ? describe : describe.skip
const namespace = 'penstock-system'
const versions = [...monitoringVersions, ...certificateVersions]

interface Rendered {
  readonly kind: string
  readonly metadata: { readonly name: string }
  readonly spec?: { readonly template?: { readonly spec: PodSpec } }
}
interface PodSpec {
  readonly serviceAccountName: string
  readonly automountServiceAccountToken: boolean
}

// The kinds have tests of their own.
const judged = applications.filter((chart) => chart !== 'penstock-crds')
const tried = await Promise.all(
  judged.map(async (chart) => (await triedValues(chart)).map((values) => [chart, values] as const)),
)
const cases = tried
  .flat()
  .map(([chart, values]) => ({ chart, values, file: values[1]?.split('/').at(-1) ?? 'no values' }))

suite('the charts', () => {
  let charts: Charts
  let plane: ControlPlane
  beforeAll(async () => {
    ;[charts, plane] = await Promise.all([openCharts(console.error), startControlPlane()])
    const warned = { 'pod-security.kubernetes.io/warn': 'restricted' }
    await create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels: warned } })
    for (const definition of [...(await monitoringDefinitions()), ...(await certificateDefinitions())]) {
      await create(definition)
    }
    await charts.helm('install', 'penstock-crds', 'penstock-crds', '--kubeconfig', plane.kubeconfig, '--hide-notes')
    await kubectl('', 'wait', 'crd', '--all', '--for=condition=Established', '--timeout=60s')
    for (const name of ['team-a', 'team-b']) await create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  })
  afterAll(async () => {
    await plane?.stop()
    await charts?.[Symbol.asyncDispose]()
  })

  /** Answers what the API server warns of. */
  const create = (document: object, ...more: string[]): Promise<string> =>
    kubectl(JSON.stringify(document), 'create', '--filename=-', '--validate=strict', ...more)

  async function kubectl(input: string, ...args: string[]): Promise<string> {
    const child = execFile(`${await kubernetesFolder()}/kubectl`, ['--kubeconfig', plane.kubeconfig, ...args])
    let said = ''
    child.stderr?.on('data', (chunk) => (said += String(chunk)))
    child.stdin?.end(input)
    const [code] = (await once(child, 'close')) as [number]
    if (code !== 0) throw new Error(said)
    return said
  }
  const render = async (chart: string, ...args: readonly string[]): Promise<Rendered[]> =>
    parseAllDocuments(await charts.helm('template', 'release', chart, '--namespace', namespace, ...versions, ...args))
      .map((document) => document.toJS() as Rendered | null)
      .filter((object) => object !== null)

  it.each(cases)('$chart holds with $file, and an API server takes it without a warning', async ({ chart, values }) => {
    await charts.helm('lint', '--strict', chart, ...values)
    for (const object of await render(chart, ...values)) {
      expect([object.metadata.name, await create(object, '--dry-run=server')]).toEqual([object.metadata.name, ''])
    }
  })

  it.each([
    ['watcher', 'settings.maxFileByte=1', "at '/settings': additional properties 'maxFileByte' not allowed"],
    ['watcher', 'settings.maxFileBytes=many', "at '/settings/maxFileBytes': got string, want integer"],
    ['nats', 'replicas=2', "at '/replicas': value must be one of 1, 3"],
    ['penstock', 'xds-server.replcas=3', "xds-server:\n- at '': additional properties 'replcas' not allowed"],
    ['penstock', 'xdsserver.replicas=3', "at '': additional properties 'xdsserver' not allowed"],
    ['penstock', 'global.imagTag=x', "at '/global': additional properties 'imagTag' not allowed"],
    ['penstock', 'gatewayClasses.x.config.replcas=3', "at '/gatewayClasses/x/config': additional properties 'replcas'"],
  ])('%s refuses %s, and says where', async (chart, wrong, message) => {
    await expect(charts.helm('template', chart, '--set', wrong)).rejects.toThrow(message)
  })

  it('need the Prometheus operator for what they tell it, and say so', async () => {
    const asked = charts.helm('template', 'watcher', '--set', 'serviceMonitor.enabled=true')
    await expect(asked).rejects.toThrow(
      'serviceMonitor.enabled, or global.monitoring.enabled, asks for a ServiceMonitor',
    )
  })

  it('need cert-manager where it is to issue certificates, and say so', async () => {
    const asked = charts.helm('template', 'secrets', '--set', 'global.certificates=cert-manager')
    await expect(asked).rejects.toThrow('global.certificates is cert-manager, which this cluster does not have')
  })

  it('tell servers and proxies where they find each other, and by which files they know each other', async () => {
    const text = await charts.helm('template', 'release', 'penstock', '--namespace', 'elsewhere')
    const told = (variable: string): unknown[] =>
      [...text.matchAll(new RegExp(`name: PENSTOCK_${variable}\\n +value: "(.*)"`, 'g'))].map(([, value]) => value)
    expect(told('XDS_ADDRESS')).toEqual(['xds-server.elsewhere.svc:18000'])
    expect(told('AGENTGATEWAY_XDS_ADDRESS')).toEqual(['agentgateway-server.elsewhere.svc:18100'])
    expect([told('XDS_TLS').length, told('IDENTITY_CA').length, told('DEBUG_TOKEN_FILE').length]).toEqual([2, 1, 6])
  })

  it('bring the GatewayClasses that are asked for, of the controller that the services say they are', async () => {
    const values = [
      'global.controllerName=example.com/second',
      'gatewayClasses.penstock=null',
      'gatewayClasses.agents.config.plane=Agentgateway',
    ]
    const objects = await render('penstock', ...values.flatMap((value) => ['--set', value]))
    const classes = objects.filter(({ kind }) => kind === 'GatewayClass')
    expect(classes.map(({ metadata }) => metadata.name)).toEqual(['agents', 'penstock-agentgateway'])
    const controllers = JSON.stringify(objects).match(/"(value|controllerName)":"example.com.second"/g)
    expect(controllers).toHaveLength(classes.length + ['translator', 'status-reporter'].length)
  })

  it('give a token to those alone who have rights', async () => {
    const objects = await render('penstock')
    const pods = objects.flatMap(({ spec }) => spec?.template?.spec ?? [])
    const withToken = pods.filter((pod) => pod.automountServiceAccountToken).map((pod) => pod.serviceAccountName)
    const named = (wanted: string): string[] =>
      objects.filter(({ kind }) => kind === wanted).map(({ metadata }) => metadata.name)
    const [services, jobs] = [
      ['infra-manager', 'status-reporter', 'watcher'],
      ['secrets-after', 'secrets-before'],
    ]
    expect(withToken.sort()).toEqual([...services, ...jobs].sort())
    expect(named('ClusterRole').sort()).toEqual(services.map((service) => `penstock:${namespace}:${service}`))
    // The third role is that of the CronJob.
    expect(named('Role').sort()).toEqual(['secrets', ...jobs])
  })
})
