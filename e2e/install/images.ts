// The images that the charts name, in two builds: the second writes records of some channels in a schema that the first
// cannot read.
import type { Cluster } from '../cluster/cluster.ts'
import { images } from '../cluster/images.ts'
import { builtTag } from '../images/built-images.ts'
import { changedImages, raisedSchema } from '../images/changed-images.ts'

/** Tags of our images: what is installed first, and what it is upgraded to. */
export const builds = { first: builtTag, second: 'next' } as const
/** Channels whose records the first build cannot read once the second writes them. */
export const raisedChannels = ['resource', 'ir'] as const

export async function loadImages(cluster: Cluster): Promise<void> {
  for (const image of [images.echo, images.nats, images.envoy, images.penstock]) await cluster.load(await image())
  await cluster.load(await changedImages(builds.second, raisedChannels.map(raisedSchema), console.error))
}
