// What the chart of the kinds can be told, and what the GatewayClasses of an installation can.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parse } from 'yaml'
import { type ChartValues, choice, flag, type Schema } from './chart-value.ts'

const isSchema = (value: unknown): value is Schema => typeof value === 'object' && value !== null

export const kindsValues: ChartValues = {
  gatewayApi: {
    channel: choice(
      'Which kinds of the Gateway API are installed; what somebody else installed stays as it is. `none`: they are there.',
      ['standard', 'experimental', 'none'],
    ),
    safeUpgrades: flag(
      'Whether the API server refuses older definitions of the Gateway API, and experimental ones over standard ones.',
      true,
    ),
  },
  adopt: flag(
    'Whether kinds that somebody else installed become part of this release; helm wants `--take-ownership` then.',
    false,
  ),
}

export const gatewayClassesValues: ChartValues = {
  gatewayClasses: {
    sentence:
      'GatewayClasses by name; `config` is the spec of its GatewayConfig; without `keep: false` it stays when this is uninstalled, as Gateways may be of it.',
    default: {
      penstock: { description: 'Gateways on Envoy, run by Penstock' },
      'penstock-agentgateway': {
        description: 'Gateways on agentgateway, run by Penstock',
        config: { plane: 'Agentgateway' },
      },
    },
    schema: { type: 'object', additionalProperties: gatewayClassSchema() },
  },
}

function gatewayClassSchema(): Schema {
  const properties = {
    enabled: { type: 'boolean' },
    description: { type: 'string', maxLength: 64 },
    keep: { type: 'boolean' },
    config: closed(gatewayConfigSpec()),
  }
  // Null takes one of ours away.
  return { type: ['object', 'null'], additionalProperties: false, properties }
}

function gatewayConfigSpec(): Schema {
  const file = '../../../charts/penstock-crds/files/penstock/penstock.dev_gatewayconfigs.yaml'
  const definition = parse(readFileSync(resolve(import.meta.dirname, file), 'utf8')) as {
    spec: { versions: [{ schema: { openAPIV3Schema: { properties: { spec: Schema } } } }] }
  }
  return definition.spec.versions[0].schema.openAPIV3Schema.properties.spec
}

/** Names and shapes, which end here. What rules and sentences say is left to the kind itself. */
function closed(schema: Schema): Schema {
  const shape = Object.entries(schema).filter(
    ([key]) => !key.startsWith('x-') && !['description', 'format'].includes(key),
  )
  const { properties, items, additionalProperties } = schema
  return {
    ...Object.fromEntries(shape),
    ...(isSchema(properties) && {
      additionalProperties: false,
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, inner]) => [name, closed(inner as Schema)]),
      ),
    }),
    ...(isSchema(items) && { items: closed(items) }),
    ...(isSchema(additionalProperties) && { additionalProperties: closed(additionalProperties) }),
  }
}
