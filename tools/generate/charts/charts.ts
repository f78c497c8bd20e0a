// The charts whose values are written from the settings of their service: a new service takes a line here.
import { resolve } from 'node:path'
import { settings as agentgatewayServer } from '@penstock/agentgateway-server'
import { settings as infraManager } from '@penstock/infra-manager'
import { settings as statusReporter } from '@penstock/status-reporter'
import { settings as translator } from '@penstock/translator'
import { settings as watcher } from '@penstock/watcher'
import { settings as xdsServer } from '@penstock/xds-server'
import {
  type ChartValue,
  type ChartValues,
  flag,
  type Schema,
  taken,
  text,
  valuesSchema,
  valuesText,
} from './chart-value.ts'
import { globalValues, natsValues } from './common-values.ts'
import { gatewayClassesValues, kindsValues } from './kinds-values.ts'
import { monitoringValues } from './monitoring-values.ts'
import { secretsValues } from './secrets-values.ts'
import { type ServiceChart, serviceValues } from './service-values.ts'

/** Where the servers of proxies are. */
const proxies: ChartValues = {
  xdsAddress: taken(
    infraManager.xdsAddress,
    text('Where Envoys find their xds-server, as host:port; in the same namespace where nothing is said.'),
  ),
  agentgatewayXdsAddress: taken(infraManager.agentgatewayXdsAddress, text('The same for agentgateways.')),
}

/** What its account is refused though its role gives it. */
const admissionPolicy: ChartValues = {
  enabled: flag(
    'Whether the API server refuses it what is not its own, by policies, which are objects of no namespace.',
    true,
  ),
  anyPods: flag(
    'Whether proxies may have another account, privileges, or a part in their node, where an overlay of a GatewayConfig says so.',
    false,
  ),
}

const serviceCharts: Readonly<Record<string, ServiceChart>> = {
  watcher: { settings: watcher },
  translator: { settings: translator },
  'xds-server': { settings: xdsServer, scales: true },
  'agentgateway-server': { settings: agentgatewayServer, scales: true },
  'status-reporter': { settings: statusReporter },
  'infra-manager': { settings: infraManager, small: true, more: { proxies, admissionPolicy } },
}

/** Helm puts it among the values of every chart that uses the library; there is nothing to say in it. */
const library: ChartValues = {
  'penstock-library': {
    ...{ default: {}, sentence: 'Nothing.', hidden: true },
    schema: { type: 'object', additionalProperties: false, properties: { global: { type: 'object' } } },
  },
}

type Part = readonly [string, ChartValues]

const charts = resolve(import.meta.dirname, '../../../charts')

export const serviceNames: readonly string[] = Object.keys(serviceCharts)

/** What each chart can be told, by its name. */
export function chartValues(): ReadonlyMap<string, ChartValues> {
  const services = Object.entries(serviceCharts).map(([name, chart]) => [name, serviceValues(name, chart)] as const)
  const parts: readonly Part[] = [
    ...services,
    ['nats', natsValues] as const,
    ['secrets', secretsValues] as const,
    ['monitoring', monitoringValues] as const,
  ].map(([name, values]) => [name, { ...values, ...library }])
  return new Map([...parts, ['penstock', whole(parts)], ['penstock-crds', kindsValues]])
}

/** By path: what stands there. */
export function chartFiles(): ReadonlyMap<string, string> {
  return new Map([...chartValues()].flatMap(([name, values]) => [...filesOf(name, values)]))
}

function* filesOf(name: string, values: ChartValues): Iterable<readonly [string, string]> {
  const head = '# Written by `pnpm reference` from the settings of the services: edits are lost.\n'
  const schema = { $schema: 'http://json-schema.org/draft-07/schema#', ...valuesSchema(values) }
  yield [`${charts}/${name}/values.yaml`, head + valuesText(values)]
  yield [`${charts}/${name}/values.schema.json`, `${JSON.stringify(schema, null, 2)}\n`]
}

/** Of the umbrella: what is said to a part is judged here too, since helm asks nobody about one that is left out. */
function whole(parts: readonly Part[]): ChartValues {
  const part = ([name, values]: Part): readonly [string, ChartValue] => {
    const schema = withoutSentences(valuesSchema(values)) as Schema
    // Of no use without a Prometheus, so it is there only where one is asked for.
    if (name !== 'monitoring')
      return [
        name,
        {
          sentence: `Values of the chart ${name}; \`enabled: false\` leaves it out.`,
          default: { enabled: true },
          schema,
        },
      ]
    const sentence = `Values of the chart ${name}; it is installed with \`global.monitoring.enabled\`, or \`enabled\` here.`
    return [name, { sentence, default: {}, schema }]
  }
  return { ...globalValues, ...gatewayClassesValues, ...Object.fromEntries(parts.map(part)) }
}

/** They stand in the schemas of the parts. */
function withoutSentences(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutSentences)
  if (typeof schema !== 'object' || schema === null) return schema
  const rest = Object.entries(schema).filter(([key, value]) => key !== 'description' || typeof value !== 'string')
  return Object.fromEntries(rest.map(([key, value]) => [key, withoutSentences(value)]))
}
