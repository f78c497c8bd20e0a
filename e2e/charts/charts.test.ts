// The charts as helm alone can judge them: what they refuse, and what they say to whom.
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { secretServices } from '@penstock/cli'
import type { Charts } from '@penstock/tools/helm'
import { openCharts } from './open-charts.ts'
import { namespace, render } from './release.ts'
import { workloadsOf } from './workload.ts'

jest.setTimeout(120_000)

describe('the charts', () => {
  let charts: Charts
  beforeAll(async () => {
    charts = await openCharts()
  })
  afterAll(async () => {
    await charts?.[Symbol.asyncDispose]()
  })

  it.each([
    ['watcher', 'settings.shutdwnMs=1', "at '/settings': additional properties 'shutdwnMs' not allowed"],
    ['watcher', 'settings.shutdownMs=many', "at '/settings/shutdownMs': got string, want integer"],
    ['infra-manager', 'settings.identityValidMs=5', "at '/settings/identityValidMs': minimum: got 5, want 60,000"],
    [
      'penstock',
      'translator.settings.plane=evoy',
      "at '/settings/plane': value must be one of 'envoy', 'agentgateway'",
    ],
    ['penstock', 'global.settings.logLevel=verbose', "at '/global/settings/logLevel': value must be one of 'trace',"],
    ['watcher', 'externalNats.url=nats://me:secret@n', "at '/externalNats/url': 'nats://me:secret@n' does not match"],
    ['nats', 'global.externalNats.replicas=7', "at '/global/externalNats/replicas': maximum: got 7, want 5"],
    ['infra-manager', 'proxies.xdsAddress=here', "at '/proxies/xdsAddress': 'here' does not match pattern"],
    ['nats', 'global.nats.replicas=2', "at '/global/nats/replicas': value must be one of 1, 3"],
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

  it('promise Gateways only of classes that a server of theirs serves', async () => {
    const said = (...args: string[]): Promise<string> =>
      charts.helm('install', 'r', 'penstock', '--dry-run=client', ...args)
    expect(await said()).toMatch(/one of these classes is served by it: penstock, penstock-agentgateway\./)
    const withoutOne = await said('--set', 'agentgateway-server.enabled=false')
    expect(withoutOne).toMatch(/one of these classes is served by it: penstock\./)
    expect(withoutOne).toMatch(/leave the class out too: gatewayClasses\.penstock-agentgateway\.enabled=false\./)
  })

  const noRegistry = ['--set', 'global.imageRegistry=']
  it.each(['watcher', 'secrets', 'nats', 'penstock'])(
    '%s does not guess where our images are, and says so',
    async (chart) => {
      const sentence = /no registry is given for the image penstock\/[a-z-]+: say in global.imageRegistry/
      await expect(charts.helm('template', chart, ...noRegistry)).rejects.toThrow(sentence)
    },
  )

  it('find the image of NATS where its authors put it, or where all images are', async () => {
    const imagesWith = async (...args: string[]): Promise<string[]> =>
      workloadsOf(await render(charts, 'nats', '--set', 'reloader.image.repository=r.example/cli', ...args)).flatMap(
        ({ pod }) => pod.containers.map(({ image }) => image.replace(/:[^:/]+$/, '')),
      )
    expect(await imagesWith(...noRegistry)).toEqual(['docker.io/library/nats', 'r.example/cli'])
    expect(await imagesWith()).toEqual(['registry.example/nats', 'r.example/cli'])
  })

  it('take every image from a registry of the user, as docs/images.md says', async () => {
    const proxies = ['envoyImage', 'agentgatewayImage'].map(
      (name) => `infra-manager.settings.${name}=mirror.example/${name}:1`,
    )
    const said = ['global.imageRegistry=mirror.example', ...proxies].flatMap((value) => ['--set', value])
    const text = JSON.stringify(await render(charts, 'penstock', ...said))
    const images = [...text.matchAll(/"image":"([^"]+)"|_IMAGE","value":"([^"]+)"/g)].map(
      ([, own, proxy]) => own ?? proxy,
    )
    expect(new Set(images).size).toBe(10)
    expect(images.filter((image) => !image?.startsWith('mirror.example/'))).toEqual([])
  })

  it.each(['penstock', 'infra-manager'])('%s needs a name when it is the second of a cluster', async (chart) => {
    const rendered = (values: string): Promise<string> =>
      charts.helm('template', chart, '--set', `global.controllerName=example.com/second${values}`)
    await expect(rendered('')).rejects.toThrow('give this one a name of its own in global.install')
    await expect(rendered(',global.install=second')).resolves.toContain('value: "second"')
    await expect(rendered(',global.namespaces={team-a}')).resolves.toContain('value: "team-a"')
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
      'global.install=second',
      'gatewayClasses.penstock=null',
      'gatewayClasses.agents.config.plane=Agentgateway',
    ]
    const plain = ['--set-json', 'gatewayClasses.plain={}']
    const objects = await render(charts, 'penstock', ...plain, ...values.flatMap((value) => ['--set', value]))
    const classes = objects.filter(({ kind }) => kind === 'GatewayClass')
    expect(classes.map(({ metadata }) => metadata.name)).toEqual(['agents', 'penstock-agentgateway', 'plain'])
    const controllers = JSON.stringify(objects).match(/"(value|controllerName)":"example.com.second"/g)
    expect(controllers).toHaveLength(classes.length + ['translator', 'status-reporter'].length)
  })

  it('have Prometheus read the proxies of this installation alone', async () => {
    const selectorOf = async (...args: string[]): Promise<unknown> =>
      (await render(charts, 'monitoring', ...args)).find(({ kind }) => kind === 'PodMonitor')?.spec?.['selector']
    const proxiesOf = (install: string): unknown => ({
      matchLabels: { 'app.kubernetes.io/name': 'penstock-proxy', 'penstock.dev/install': install },
    })
    expect(await selectorOf()).toEqual(proxiesOf('penstock'))
    expect(await selectorOf('--set', 'global.install=second')).toEqual(proxiesOf('second'))
  })

  it('run pods as one user, as another, or as whom the cluster says', async () => {
    const parts = ['nats', 'secrets', ...secretServices]
    const usersWith = async (user: string): Promise<unknown[]> => {
      const said = parts.flatMap((part) => ['--set', `${part}.pod.runAsUser=${user}`])
      const pods = workloadsOf(await render(charts, 'penstock', ...(user === '' ? [] : said))).map(({ pod }) => pod)
      return [
        ...new Set(
          pods.map(({ securityContext: { runAsUser, runAsGroup, fsGroup } = {} }) =>
            [runAsUser, runAsGroup, fsGroup].join(),
          ),
        ),
      ]
    }
    expect(await usersWith('')).toEqual(['65532,65532,65532'])
    expect(await usersWith('1000680000')).toEqual(['1000680000,1000680000,1000680000'])
    expect(await usersWith('null')).toEqual([',,'])
  })

  it('give a token to those alone who have rights', async () => {
    const objects = await render(charts, 'penstock')
    const pods = workloadsOf(objects)
      .filter(({ kind }) => kind !== 'CronJob')
      .map(({ pod }) => pod)
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
