// A writer in a process of its own, so that a test can freeze it: `node --conditions=source writer-process.ts <url>
// <install>`. It changes one record as fast as it can, and says when it leads and when not.
import { setImmediate as turn } from 'node:timers/promises'
import { createNatsBus } from '../nats-bus.ts'
import { quick } from './rig.ts'
import { createSource, notes } from './scene.ts'

const [servers = '', install = ''] = process.argv.slice(2)
const bus = await createNatsBus({ servers, install, service: 'writer', source: 'local', settings: quick })
const source = createSource({ 'a/1': 'frozen 0' })
const publisher = bus.publish(notes, {
  state: () => source.state(),
  onLead: () => console.log('lead'),
  onFollow: () => console.log('follow'),
})
publisher.refresh()
for (let round = 1; ; round += 1) {
  if (!publisher.leading) {
    await turn()
    continue
  }
  // Sometimes a lone message, sometimes a batch.
  for (const key of round % 3 === 0 ? ['a/1', 'a/2'] : ['a/1']) {
    source.set(key, `frozen ${round}`)
    publisher.changed([key])
  }
  await Promise.race([publisher.settled(), turn()])
}
