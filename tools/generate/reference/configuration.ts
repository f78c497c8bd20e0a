// docs/reference/configuration.md, from the settings table of each service and the tables of numbers of the packages.
import { settings as agentgatewayServer } from '@penstock/agentgateway-server'
import { busSettings, connectionSettings } from '@penstock/bus'
import { settings as infraManager } from '@penstock/infra-manager'
import { frameSettings, type Setting } from '@penstock/service'
import { settings as statusReporter } from '@penstock/status-reporter'
import { settings as translator } from '@penstock/translator'
import { settings as watcher } from '@penstock/watcher'
import { settings as xdsServer } from '@penstock/xds-server'
import { code, page, table } from './markdown.ts'
import { serviceRooms } from './services.ts'

const tables = new Map<string, object>([
  ['watcher', watcher],
  ['translator', translator],
  ['xds-server', xdsServer],
  ['agentgateway-server', agentgatewayServer],
  ['status-reporter', statusReporter],
  ['infra-manager', infraManager],
])

const everywhere = new Map<string, Setting<unknown>>(
  [...Object.values(frameSettings), ...Object.values(connectionSettings)].map((setting) => [setting.env, setting]),
)

export function configurationDocument(): string {
  const missing = [...serviceRooms().keys()].filter((service) => !tables.has(service))
  if (missing.length > 0) throw new Error(`configuration.ts lacks the settings of ${missing.join(', ')}`)
  return page(
    'Configuration',
    'A service is told by environment variables, read once at its start and printed then (the event `settings`), secrets ' +
      'excepted. An empty variable counts as absent. A value that is no use, or a `PENSTOCK_*` variable ' +
      'that is nearly the name of a setting, ends the start with a sentence that says so.',
    '## Every service',
    variables([...everywhere.values()]),
    ...[...tables].flatMap(([name, settings]) => [`## ${name}`, variables(own(settings))]),
    '## Numbers of the bus',
    'Not variables: a program that embeds the bus gives them as `settings`.',
    table(
      ['name', 'default', 'what it is'],
      Object.entries(busSettings).map(([name, { default: value, means }]) => [code(name), code(value), means]),
    ),
  )
}

function own(settings: object): Setting<unknown>[] {
  return (Object.values(settings) as Setting<unknown>[]).filter(({ env }) => !everywhere.has(env))
}

function variables(settings: readonly Setting<unknown>[]): string {
  const rows = settings.map((setting) => [
    code(setting.env),
    defaultOf(setting),
    setting.secret ? `${setting.sentence} Secret: never printed.` : setting.sentence,
  ])
  return table(['variable', 'default', 'what it sets'], rows)
}

function defaultOf(setting: Setting<unknown>): string {
  if (setting.defaultMeans !== undefined) return setting.defaultMeans
  if (!Object.hasOwn(setting, 'default')) return 'required'
  const value = setting.default
  if (value === undefined || value === '' || (Array.isArray(value) && value.length === 0)) return 'none'
  return code(typeof value === 'string' ? value : JSON.stringify(value))
}
