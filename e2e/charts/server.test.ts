// What helm lints and a real API server says of every release that our charts are tried as: it knows every field, and
// has no warning, not of pods that the restricted profile would refuse either.
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { kubernetesIsBuilt } from '@penstock/testkit'
import { type Asked, startAsked } from './asked.ts'
import { certificateDefinitions } from './certificate-kinds.ts'
import { monitoringDefinitions } from './monitoring-kinds.ts'
import { namespace, render, triedCases } from './release.ts'

jest.setTimeout(120_000)
const suite = (await kubernetesIsBuilt()) ? describe : describe.skip
/** The namespaces that values name. */
const others = ['team-a', 'team-b']
// The kinds have tests of their own.
const cases = (await triedCases()).filter(({ chart }) => chart !== 'penstock-crds')

suite('an API server', () => {
  let asked: Asked
  beforeAll(async () => {
    asked = await startAsked()
    const labels = { 'pod-security.kubernetes.io/warn': 'restricted' }
    const namespaces = [{ name: namespace, labels }, ...others.map((name) => ({ name }))]
    await asked.create(namespaces.map((metadata) => ({ apiVersion: 'v1', kind: 'Namespace', metadata })))
    await asked.create([...(await monitoringDefinitions()), ...(await certificateDefinitions())])
    await asked.helm('install', 'penstock-crds', 'penstock-crds', '--namespace', namespace, '--hide-notes')
    await asked.kubectl(['wait', 'crd', '--all', '--for=condition=Established', '--timeout=60s'])
  })
  afterAll(async () => {
    await asked?.[Symbol.asyncDispose]()
  })

  it.each(cases)('takes $chart with $file', async ({ chart, args }) => {
    await asked.charts.helm('lint', '--strict', chart, ...args)
    expect(await asked.create(await render(asked.charts, chart, ...args), '--dry-run=server')).toBe('')
  })

  it('refuses a typo in what Kubernetes knows better than a schema of values, with its path', async () => {
    const values = ['--set', 'pod.tolerations[0].kye=gateways']
    const said = render(asked.charts, 'watcher', ...values).then((objects) => asked.create(objects, '--dry-run=server'))
    await expect(said).rejects.toThrow('(Deployment.spec.template.spec.tolerations[0]): unknown field "kye"')
  })
})
