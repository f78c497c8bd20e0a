// The images that the charts name, under the names that their values say here.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Cluster } from '../cluster/cluster.ts'
import { images, isBuilt } from '../cluster/images.ts'
import type { Image } from '../cluster/oci-image.ts'

export const registry = 'penstock.test'
/** Tags of our images: what is installed first, and what it is upgraded to. */
export const builds = { first: 'local', second: 'next' } as const
/** Channels whose records the first build cannot read once the second writes them. */
export const raisedChannels: readonly string[] = []

const apps = ['watcher', 'translator', 'xds-server', 'agentgateway-server', 'status-reporter', 'infra-manager', 'cli']

export async function loadImages(cluster: Cluster): Promise<void> {
  for (const image of [images.echo, images.nats, images.envoy, servicesByHostname]) await cluster.load(await image())
}

/** Starts the service that the pod is named after. */
async function servicesByHostname(): Promise<Image> {
  const whole = await images.penstock()
  const names = ['penstock', ...apps.filter(isBuilt).map((app) => `penstock/${app}`)]
  return {
    ...whole,
    names: names.flatMap((name) => Object.values(builds).map((tag) => `${registry}/${name}:${tag}`)),
    config: { ...whole.config, Entrypoint: [...(whole.config.Entrypoint ?? []), '/start.mjs'] },
    async layers(scratch) {
      const file = join(scratch, 'start.mjs')
      const app =
        "process.env.HOSTNAME.startsWith('secrets') ? 'cli' : process.env.HOSTNAME.replace(/-[0-9a-z]+-[0-9a-z]+$/, '')"
      writeFileSync(file, `await import(\`/app/\${${app}}/dist/main.js\`)\n`)
      return [...(await whole.layers(scratch)), { from: file, to: '/start.mjs' }]
    },
  }
}
