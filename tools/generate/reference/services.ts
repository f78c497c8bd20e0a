// The services of the house: every app that stands on the frame of packages/service, and the rooms below each.
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

export const root = resolve(import.meta.dirname, '../../..')
const ours = '@penstock/'

/** By name of the service: its own room and every package below it. */
export function serviceRooms(): ReadonlyMap<string, ReadonlySet<string>> {
  const apps = readdirSync(join(root, 'apps')).map((app) => [app, roomsBelow(`apps/${app}`)] as const)
  return new Map(apps.filter(([, rooms]) => rooms.has('packages/service')))
}

const built = new Set(serviceRooms().keys())

/** The table of channels, and so the users of NATS, has those too that the design plans. */
export const isBuilt = (service: string): boolean => built.has(service)

function roomsBelow(room: string, known = new Set<string>()): ReadonlySet<string> {
  if (known.has(room)) return known
  known.add(room)
  const { dependencies = {} } = JSON.parse(readFileSync(join(root, room, 'package.json'), 'utf8')) as {
    dependencies?: Readonly<Record<string, string>>
  }
  for (const name of Object.keys(dependencies)) {
    if (name.startsWith(ours)) roomsBelow(`packages/${name.slice(ours.length)}`, known)
  }
  return known
}
