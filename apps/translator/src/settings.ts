// What a translator can be told.
import { type ConnectionConfig, connectionSettings, type OrderConfig, orderSettings } from '@penstock/bus'
import type { PlaneName } from '@penstock/ir'
import { integer, oneOf, type SettingsTable, text } from '@penstock/service'

export interface TranslatorConfig extends ConnectionConfig, OrderConfig {
  controllerName: string
  fleet: string
  plane: PlaneName
  certificateWarningDays: number
}

export const settings: SettingsTable<TranslatorConfig> = {
  ...connectionSettings,
  ...orderSettings,
  controllerName: {
    env: 'PENSTOCK_CONTROLLER_NAME',
    parse: text,
    default: 'penstock.dev/gateway-controller',
    sentence: 'The controllerName of the GatewayClasses that are ours.',
  },
  fleet: {
    env: 'PENSTOCK_FLEET',
    parse: text,
    default: '',
    sentence: 'The one fleet that all Gateways share; empty: each Gateway has a fleet of its own.',
  },
  plane: {
    env: 'PENSTOCK_PLANE',
    parse: oneOf('envoy', 'agentgateway'),
    default: 'envoy',
    sentence: 'What serves Gateways of which no GatewayConfig says by what they are served.',
  },
  certificateWarningDays: {
    env: 'PENSTOCK_CERTIFICATE_WARNING_DAYS',
    parse: integer(0, 3_650),
    default: 14,
    sentence: 'How many days before its end a certificate is told to expire soon, in the status of its listeners.',
  },
}
