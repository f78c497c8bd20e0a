// docs/reference/channels.md, from the table of packages/bus.
import { type Channel, channels } from '@penstock/bus'
import { code, duration, page, table } from './markdown.ts'
import { isBuilt } from './services.ts'

export function channelsDocument(): string {
  const all: readonly Channel<never>[] = Object.values(channels) as unknown as Channel<never>[]
  return page(
    'Channels',
    'Every arrow between two services is one of these. A record lies under a subject of its own, ' +
      '`<install>.<channel>.v<major>.<source>.<tokens of its key>`, in the stream `<install>_<channel>_v<major>_<source>`.',
    table(
      ['channel', 'subjects', 'written by', 'read by', 'writers', 'a record stays', 'may hold sealed values', 'schema'],
      all.map(rowOf),
    ),
    '`one` writer leads at a time and writes in commits, each with a digest of the whole; `many` write each their own keys.',
  )
}

function rowOf(channel: Channel<never>): string[] {
  const { name, major, schema, publishers, readers, writers, retention, sealed } = channel
  const stays =
    retention === 'last'
      ? 'until it is removed'
      : `${duration(retention.expiryMs)} after it was last written, every ${duration(retention.refreshMs)}`
  return [
    code(name),
    code(`<install>.${name}.v${major}.<source>.>`),
    publishers.filter(isBuilt).join(', '),
    readers.filter(isBuilt).join(', '),
    writers,
    stays,
    sealed ? 'yes' : 'no',
    `${major}.${schema}`,
  ]
}
