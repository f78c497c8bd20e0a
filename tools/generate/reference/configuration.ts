// docs/reference/configuration.md, from the settings table of each service and the tables of numbers of the packages.
import { busSettings } from '@penstock/bus'
import { type Setting } from '@penstock/service'
import { withTaken } from '../charts/chart-value.ts'
import { code, page, table } from './markdown.ts'
import { everySetting, ownSettings } from './service-settings.ts'
import { serviceRooms } from './services.ts'

export function configurationDocument(): string {
  const missing = [...serviceRooms().keys()].filter((service) => !ownSettings.has(service))
  if (missing.length > 0) throw new Error(`configuration.ts lacks the settings of ${missing.join(', ')}`)
  return page(
    'Configuration',
    'A service is told by environment variables, read once at its start and printed then (the event `settings`), secrets ' +
      'excepted. An empty variable counts as absent. A value that is no use, or a `PENSTOCK_*` variable ' +
      'that is nearly the name of a setting, ends the start with a sentence that says so.',
    '## Every service',
    variables([...everySetting.values()]),
    ...[...ownSettings].flatMap(([name, settings]) => [`## ${name}`, variables(own(settings))]),
    '## Numbers of the bus',
    'Not variables: a program that embeds the bus gives them as `settings`.',
    table(
      ['name', 'default', 'what it is'],
      Object.entries(busSettings).map(([name, { default: value, means }]) => [code(name), code(value), means]),
    ),
  )
}

function own(settings: object): Setting<unknown>[] {
  return (Object.values(settings) as Setting<unknown>[]).filter(({ env }) => !everySetting.has(env))
}

function variables(settings: readonly Setting<unknown>[]): string {
  const rows = settings.map((setting) => [
    code(setting.env),
    defaultOf(setting),
    withTaken(setting.secret ? `${setting.sentence} Secret: never printed.` : setting.sentence, {
      ...setting.parse.takes,
    }),
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
