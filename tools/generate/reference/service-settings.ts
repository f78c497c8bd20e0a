// Everything that each service can be told.
import { settings as agentgatewayServer } from '@penstock/agentgateway-server'
import { connectionSettings } from '@penstock/bus'
import { settings as infraManager } from '@penstock/infra-manager'
import { frameSettings, type Setting } from '@penstock/service'
import { settings as statusReporter } from '@penstock/status-reporter'
import { settings as translator } from '@penstock/translator'
import { settings as watcher } from '@penstock/watcher'
import { settings as xdsServer } from '@penstock/xds-server'

/** By name of the service: its own table. */
export const ownSettings: ReadonlyMap<string, object> = new Map<string, object>([
  ['watcher', watcher],
  ['translator', translator],
  ['xds-server', xdsServer],
  ['agentgateway-server', agentgatewayServer],
  ['status-reporter', statusReporter],
  ['infra-manager', infraManager],
])

/** By variable: what every service can be told. */
export const everySetting: ReadonlyMap<string, Setting<unknown>> = new Map(
  [...Object.values(frameSettings), ...Object.values(connectionSettings)].map((setting: Setting<unknown>) => [
    setting.env,
    setting,
  ]),
)

/** All settings of a service. */
export const settingsOf = (service: string): readonly Setting<unknown>[] => [
  ...everySetting.values(),
  ...(Object.values(ownSettings.get(service) ?? {}) as Setting<unknown>[]),
]
