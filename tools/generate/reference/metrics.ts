// docs/reference/metrics.md: what each service counts, which is what its own source and the packages it stands on count.
import { join } from 'node:path'
import { type Instrument, instrumentsOf } from './instruments.ts'
import { code, page, table } from './markdown.ts'
import { root, serviceRooms } from './services.ts'

export function metricsDocument(): string {
  const services = serviceRooms()
  const [first = new Set<string>(), ...others] = services.values()
  const everywhere = others.reduce((rooms, more) => rooms.intersection(more), new Set(first))
  const sections = [...services].flatMap(([service, rooms]) => {
    const instruments = listed(new Set(rooms).difference(everywhere))
    return instruments.length === 0 ? [] : [`## ${service}`, rowsOf(instruments)]
  })
  return page(
    'Metrics',
    'Every service serves them at `/metrics` of its admin port, in the format of Prometheus, beside what Node tells of its ' +
      'process (`process_*`, `nodejs_*`: memory, processor time, garbage collection, lag of the event loop). The values ' +
      'of a label are few.',
    '## Every service',
    rowsOf(listed(everywhere)),
    ...sections,
  )
}

/** Of all services, by name. */
export function allInstruments(): ReadonlyMap<string, Instrument> {
  const rooms = new Set([...serviceRooms().values()].flatMap((each) => [...each]))
  return new Map(listed(rooms).map((instrument) => [instrument.name, instrument]))
}

const listed = (rooms: ReadonlySet<string>): Instrument[] =>
  [...rooms].flatMap((room) => instrumentsOf(join(root, room))).sort((a, b) => (a.name < b.name ? -1 : 1))

const rowsOf = (instruments: readonly Instrument[]): string =>
  table(
    ['name', 'type', 'labels', 'what it counts'],
    instruments.map(({ name, type, labels, help }) => [code(name), type, labels.map(code).join(', '), help]),
  )
