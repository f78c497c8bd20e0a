// docs/reference/charts.md, from the tables that values.yaml and values.schema.json of each chart are made of.
import { type ChartValue, valuesIn, withTaken } from '../charts/chart-value.ts'
import { chartValues, serviceNames } from '../charts/charts.ts'
import { code, page, table } from './markdown.ts'

type Rows = ReadonlyMap<string, ChartValue>

export function chartsDocument(): string {
  const all = new Map([...chartValues()].map(([name, values]): [string, Rows] => [name, new Map(valuesIn(values))]))
  const ofService = serviceNames.map((name) => withoutGlobal(all.get(name)))
  const inAll = [...(ofService[0] ?? [])].filter((row) => ofService.every((rows) => isSaidBy(rows, row)))
  const everyService: Rows = new Map(inAll)
  const whole = all.get('penstock') ?? new Map()
  return page(
    'Values of the charts',
    'What can be said to each chart in a file of values. A key that is not here is refused with its path, and so is a value ' +
      'that the service would not start with. To a part of ' +
      '`penstock` everything is said below its name: `xds-server: { replicas: 3 }`. A setting is the variable of the same ' +
      'name: `settings.logLevel` is `PENSTOCK_LOG_LEVEL` ([configuration](configuration.md)).',
    '## For all of them',
    tableOf([...whole].filter(([path]) => path.startsWith('global.'))),
    '## penstock',
    tableOf([...withoutGlobal(whole)]),
    '## Every service',
    `Of ${serviceNames.map(code).join(', ')}.`,
    tableOf([...everyService]),
    ...[...all].filter(([name]) => name !== 'penstock').flatMap(([name, rows]) => ofChart(name, rows, everyService)),
  )
}

function ofChart(name: string, rows: Rows, everyService: Rows): readonly string[] {
  const own = [...withoutGlobal(rows)].filter((row) => !isSaidBy(everyService, row))
  const like = [...everyService].filter((row) => isSaidBy(rows, row)).map(([path]) => path)
  const isWhole = like.length === everyService.size
  const sentence = `Like every service it has ${[...new Set(like.map(firstOf))].map(code).join(', ')}.`
  return [`## ${name}`, ...(isWhole || like.length === 0 ? [] : [sentence]), tableOf(own)]
}

const firstOf = (path: string): string => path.split('.')[0] ?? path

const withoutGlobal = (rows: Rows = new Map()): Rows =>
  new Map([...rows].filter(([path]) => !path.startsWith('global.')))

function isSaidBy(rows: Rows, [path, { sentence, default: fallback }]: readonly [string, ChartValue]): boolean {
  const there = rows.get(path)
  return there?.sentence === sentence && JSON.stringify(there.default) === JSON.stringify(fallback)
}

const tableOf = (rows: readonly (readonly [string, ChartValue])[]): string =>
  table(
    ['value', 'default', 'what it says'],
    rows.map(([path, { default: fallback, sentence, schema }]) => [
      code(path),
      code(JSON.stringify(fallback)),
      withTaken(sentence, schema),
    ]),
  )
