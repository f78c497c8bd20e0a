// docs/reference/metrics.md: what each service counts, which is what its own source and the packages it stands on count.
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type Instrument, instrumentsOf } from './instruments.ts'
import { code, page, table } from './markdown.ts'

const root = resolve(import.meta.dirname, '../../..')
const ours = '@penstock/'

export function metricsDocument(): string {
  const apps = readdirSync(join(root, 'apps')).filter((app) => roomsOf(`apps/${app}`).has('packages/service'))
  const closures = new Map(apps.map((app) => [app, roomsOf(`apps/${app}`)]))
  const everywhere = [...(closures.get(apps[0] ?? '') ?? [])].filter((room) =>
    [...closures.values()].every((rooms) => rooms.has(room)),
  )
  const sections = [...closures].flatMap(([app, rooms]) => {
    const instruments = listed([...rooms].filter((room) => !everywhere.includes(room)))
    return instruments.length === 0 ? [] : [`## ${app}`, rowsOf(instruments)]
  })
  return page(
    'Metrics',
    'Every service serves them at `/metrics` of its admin port, in the format of Prometheus, beside what Node tells of its ' +
      'process (`process_*`, `nodejs_*`: memory, processor time, garbage collection, lag of the event loop). A name ends ' +
      'with its unit; the values of a label are few.',
    '## Every service',
    rowsOf(listed(everywhere)),
    ...sections,
  )
}

const listed = (rooms: readonly string[]): Instrument[] =>
  rooms.flatMap((room) => instrumentsOf(join(root, room))).sort((a, b) => (a.name < b.name ? -1 : 1))

const rowsOf = (instruments: readonly Instrument[]): string =>
  table(
    ['name', 'type', 'labels', 'what it counts'],
    instruments.map(({ name, type, labels, help }) => [code(name), type, labels.map(code).join(', '), help]),
  )

/** The room itself and every package below it. */
function roomsOf(room: string, known = new Set<string>()): ReadonlySet<string> {
  if (known.has(room)) return known
  known.add(room)
  const { dependencies = {} } = JSON.parse(readFileSync(join(root, room, 'package.json'), 'utf8')) as {
    dependencies?: Readonly<Record<string, string>>
  }
  for (const name of Object.keys(dependencies)) {
    if (name.startsWith(ours)) roomsOf(`packages/${name.slice(ours.length)}`, known)
  }
  return known
}
