// The edits that go on while the chaos lasts: what each writes, and how one can see that it arrived.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { endpointSlice, gatewayNamed, httpRoute } from '../features/manifests.ts'
import { type ChaosFolder, certificate, editedRoute, hostOf } from './chaos-folder.ts'
import type { Outside } from './outside.ts'

export interface Edit {
  /** Of two edits of one target only the later one must be seen. */
  readonly target: string
  write(): void | Promise<void>
  /** Envoy answers by it. */
  isLive(): Promise<boolean>
  /** The status of its object tells of it. */
  isTold(): boolean | Promise<boolean>
}

export type Edits = ReturnType<typeof createServedEdits> & ReturnType<typeof createRefusedEdits>

export const createEdits = (folder: ChaosFolder, outside: Outside): Edits => ({
  ...createServedEdits(folder, outside),
  ...createRefusedEdits(folder, outside),
})

const always = (): boolean => true
const atOnce = (): Promise<boolean> => Promise.resolve(true)

function createServedEdits({ path, ports, write }: ChaosFolder, outside: Outside) {
  return {
    /** The n-th edit of a route that stays. */
    change: (name: string, edit: number): Edit => ({
      target: name,
      write: () => write(`${name}.yaml`, editedRoute(name, edit)),
      isLive: async () => Number((await outside.answer(name)).edit) >= edit,
      isTold: always,
    }),
    moveTo: (backend: 'v1' | 'v2'): Edit => ({
      target: 'moving',
      write: () => write('moving-endpoints.yaml', endpointSlice('moving', ports.backends[backend])),
      isLive: async () => (await outside.answer('moving')).backend === backend,
      isTold: always,
    }),
    renew: (pair: 'one' | 'two'): Edit => ({
      target: 'certificate',
      write: () => write('certificate.yaml', certificate(pair)),
      isLive: async () => (await outside.certificate()) === pair,
      isTold: always,
    }),
    add: (name: string): Edit => ({
      target: name,
      write: () => write(`${name}.yaml`, httpRoute(name, { host: hostOf(name) })),
      isLive: async () => (await outside.answer(name)).status === 200,
      isTold: () => outside.programmed(`HTTPRoute.default.${name}`) === 'True',
    }),
    remove: (name: string): Edit => ({
      target: name,
      write: () => rmSync(join(path, `${name}.yaml`)),
      isLive: async () => (await outside.answer(name)).status === 404,
      isTold: () => !outside.hasStatus(`HTTPRoute.default.${name}`),
    }),
  }
}

/** Cut off in the middle. */
const brokenYaml = 'apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: { name: mended\nspec: ['
/** A field that does not exist. */
const unknownField = { ...httpRoute('unknown', { host: hostOf('unknown') }), sepc: {} }

/** The watcher refuses some, and Envoy a listener; no request may see anything of them. */
function createRefusedEdits({ ports, write }: ChaosFolder, outside: Outside) {
  return {
    /** Until its next change the route stays as it was. */
    breakMended: (): Edit => ({
      ...{ target: 'mended', isLive: atOnce, isTold: always },
      write: () => write('mended.yaml', brokenYaml),
    }),
    writeUnknownField: (): Edit => ({
      ...{ target: 'unknown', isLive: atOnce, isTold: always },
      write: () => write('unknown.yaml', unknownField),
    }),
    takePort: (): Edit => ({
      ...{ target: 'taken', isLive: atOnce },
      write: () => write('taken.yaml', gatewayNamed('taken', { name: 'http', port: ports.taken })),
      isTold: () => outside.programmed('Gateway.default.taken') === 'False',
    }),
    leavePort: (): Edit => ({
      ...{ target: 'taken', isLive: atOnce },
      write: () => write('taken.yaml', ''),
      isTold: () => !outside.hasStatus('Gateway.default.taken'),
    }),
  }
}
