// The charts, told where the images are: without that, they refuse.
import { type Charts, openCharts as openPlain } from '@penstock/tools/helm'

const rendering = ['template', 'lint', 'install', 'upgrade']

/** A test that says `--set global.imageRegistry=` itself, counts. */
export async function openCharts(version?: string): Promise<Charts> {
  const charts = await openPlain(console.error, version === undefined ? {} : { version })
  const helm = (command = '', ...args: readonly string[]): Promise<string> => {
    // The kinds are no images.
    const isTold = rendering.includes(command) && !args.some((arg) => arg.endsWith('penstock-crds'))
    return charts.helm(command, ...(isTold ? ['--set', 'global.imageRegistry=registry.example'] : []), ...args)
  }
  return { ...charts, helm }
}
