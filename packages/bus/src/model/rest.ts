// Rest: nothing is broken, and all agree with the truth.
import { agree, show } from './ledger.ts'
import type { Reading } from './members.ts'
import { copiesOf, jumpMs, type Picture, pulse, sumsOf, tooLong } from './scene.ts'
import type { World } from './world.ts'

/** Also brings in the least that a world needs to agree on anything. */
export async function heal(world: World): Promise<void> {
  const { members, truth, time } = world
  for (const member of world.all) {
    const { process } = member
    process.live()
    if (!process.alive) world.forget(member)
    world.join(member)
    process.resume()
    process.thaw()
  }
  for (const watcher of members.watcher) {
    watcher.known = true
    watcher.see([...truth.texts.keys()])
  }
  for (const role of ['watcher', 'translator'] as const) if (members[role].length === 0) await world.launch(role)
  await world.launch('reader')
  // Where the store lost its past and the next leader's clock is behind, readers wait until it has caught up: ids are
  // times, and a lower one is never applied. From here on it has.
  await time.pass(2 * jumpMs)
  world.edit([[pulse, String(Number(truth.texts.get(pulse) ?? 0) + 1)]])
}

/** What still keeps the world from rest; undefined: nothing does. */
export function unrest({ members, truth }: World): string | undefined {
  const { watcher, translator, reader, announcer } = members
  const readings = [...translator, ...reader].flatMap((member) => member.readings)
  const read = new Map(reader[0]?.readings.map(({ channel, texts }) => [channel.name, texts]))
  const source = read.get('notes') ?? new Map<string, string>()
  const tooLongKeys = [...truth.texts].flatMap(([key, text]) => (text === tooLong ? [key] : []))
  const pictures: Record<string, Picture> = {
    notes: { texts: truth.texts, held: new Set([...truth.held, ...tooLongKeys]) },
    copies: copiesOf(source),
    sums: sumsOf(source),
  }
  for (const reading of readings) {
    const wanted = pictures[reading.channel.name]
    const first = read.get(reading.channel.name)
    if (wanted === undefined || first === undefined) return 'nobody reads'
    const wrong = differenceOf(reading, wanted)
    if (wrong !== undefined) return wrong
    // On held keys too: they keep what they have, so all readers have the same there.
    if (!agree(reading.texts, first, new Set())) {
      return `${reading.channel.name}: one reader has ${show(reading.texts)}, another ${show(first)}`
    }
  }
  const announced = new Map(announcer.flatMap(({ texts }) => [...texts]))
  for (const each of reader) {
    // Nobody creates that stream before somebody announces.
    if (!agree(each.announced, announced, new Set()))
      return `fleeting: ${show(each.announced)} is not ${show(announced)}`
  }
  return watcher.length === 0 ? 'nobody writes' : undefined
}

function differenceOf({ channel, texts, synced }: Reading, { texts: wanted, held }: Picture): string | undefined {
  if (!synced) return `${channel.name}: a reader is not synced`
  if (agree(texts, wanted, held)) return undefined
  return `${channel.name}: a reader has ${show(texts)} and not ${show(wanted)} (held: ${[...held].join(' ')})`
}
