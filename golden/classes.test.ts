// The classes of examples/classes, as they stand: each has its plane, whatever the installation's usual one is.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { type Resource, resourceKey } from '@penstock/gateway-api'
import { createAdmission } from '@penstock/gateway-api/admission'
import type { PlaneName } from '@penstock/ir'
import { agentgatewayCapabilities } from '@penstock/plane-agentgateway'
import { envoyCapabilities } from '@penstock/plane-envoy'
import { createTranslation } from '@penstock/translate'
import { parse, parseAllDocuments } from 'yaml'

const file = join(import.meta.dirname, '../examples/classes/gateway-classes.yaml')
const chart = join(import.meta.dirname, '../charts/penstock/values.yaml')
const { admit } = createAdmission()

function admitted(document: unknown): Resource {
  const answer = admit(document)
  if ('refused' in answer) throw new Error(JSON.stringify(answer.refused))
  return answer.object
}

const gateway = (gatewayClassName: string): Resource =>
  admitted({
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    metadata: { name: gatewayClassName, namespace: 'default' },
    spec: { gatewayClassName, listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }] },
  })

describe('the classes of the example', () => {
  it('are others than those of the chart, whose GatewayConfigs have the names of their classes', () => {
    const { gatewayClasses } = parse(readFileSync(chart, 'utf8')) as { readonly gatewayClasses: object }
    const names = parseAllDocuments(readFileSync(file, 'utf8')).map(
      (document) => admitted(document.toJS()).metadata.name,
    )
    expect(names.filter((name) => name in gatewayClasses)).toEqual([])
  })

  it.each<PlaneName>(['envoy', 'agentgateway'])(
    'are of the plane that they name, where %s is the usual one',
    (plane) => {
      const translation = createTranslation({
        controllerName: 'penstock.dev/gateway-controller',
        capabilities: { envoy: envoyCapabilities, agentgateway: agentgatewayCapabilities },
        plane,
      })
      const classes = parseAllDocuments(readFileSync(file, 'utf8')).map((document) => admitted(document.toJS()))
      const objects = [...classes, gateway('example-envoy'), gateway('example-agentgateway')]
      translation.apply(objects.map((value) => ({ key: resourceKey(value), value })))
      const infra = [...translation.graph.values(translation.infra).values()]
      expect(infra.map(({ fleet, plane: served }) => [fleet, served]).sort()).toEqual([
        ['default~example-agentgateway', 'agentgateway'],
        ['default~example-envoy', 'envoy'],
      ])
      const accepted = [...translation.graph.values(translation.status).values()].flatMap(({ conditions }) =>
        conditions.filter(({ type }) => type === 'Accepted').map(({ status }) => status),
      )
      expect(accepted).toEqual([true, true, true, true])
    },
  )
})
