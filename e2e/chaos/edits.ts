// Edits that follow one another for as long as the chaos lasts: what each writes, and how one can see that it arrived.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { exchange } from '@penstock/testkit'
import { endpointSlice, httpRoute } from '../features/manifests.ts'
import { type Condition, readStatusFile } from '../features/status-file.ts'
import { type ChaosFolder, editedRoute, editHeader, hostOf, refusedGateway } from './chaos-folder.ts'

export interface Edit {
  /** Of two edits of one target only the later one must be seen. */
  readonly target: string
  write(): void
  /** Envoy answers by it. */
  isLive(): Promise<boolean>
  /** The status files tell of it. */
  isTold(): boolean
}

export interface Editor {
  next(): Edit
  /** What leaves the folder such that a fresh start reads it as a running one does: nothing broken, nothing refused. */
  last(): readonly Edit[]
}

/** Added routes that exist at a time. */
const addedAtOnce = 3
/** Cut off in the middle. */
const brokenYaml = 'apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: { name: mended\nspec: ['
/** A field that does not exist: admission refuses it. */
const unknownField = { ...httpRoute('unknown', { host: hostOf('unknown') }), sepc: {} }

const always = (): boolean => true
const atOnce = (): Promise<boolean> => Promise.resolve(true)

export function createEditor(folder: ChaosFolder, statusFolder: string): Editor {
  const { path, ports, write } = folder
  const remove = (file: string): void => rmSync(join(path, file))
  const answer = async (route: string) => {
    const { status, echo, headers } = await exchange({ port: ports.http, host: hostOf(route) })
    return { status, backend: echo?.backend, edit: headers[editHeader] }
  }
  const conditions = (file: string): readonly Condition[] | undefined => {
    const status = readStatusFile(join(statusFolder, `${file}.yaml`))?.status
    return status && (status.conditions ?? status.parents?.flatMap((parent) => parent.conditions) ?? [])
  }
  const programmed = (file: string): string | undefined =>
    conditions(file)?.find(({ type }) => type.endsWith('Programmed'))?.status

  let edits = 0
  const added: string[] = []
  const setHeader = (name: string): Edit => {
    const edit = edits
    return {
      target: name,
      write: () => write(`${name}.yaml`, editedRoute(name, edit)),
      isLive: async () => (await answer(name)).edit === `${edit}`,
      isTold: always,
    }
  }
  const move = (): Edit => {
    const backend = edits % 2 === 0 ? 'v1' : 'v2'
    return {
      target: 'moving',
      write: () => write('moving-endpoints.yaml', endpointSlice('moving', ports.backends[backend])),
      isLive: async () => (await answer('moving')).backend === backend,
      isTold: always,
    }
  }
  const add = (): Edit => {
    const name = `added-${edits}`
    added.push(name)
    return {
      target: name,
      write: () => write(`${name}.yaml`, httpRoute(name, { host: hostOf(name) })),
      isLive: async () => (await answer(name)).status === 200,
      isTold: () => programmed(`HTTPRoute.default.${name}`) === 'True',
    }
  }
  const removeOldest = (): Edit => {
    const name = added.length > addedAtOnce ? added.shift() : undefined
    if (name === undefined) return setHeader('edited')
    return {
      target: name,
      write: () => remove(`${name}.yaml`),
      isLive: async () => (await answer(name)).status === 404,
      isTold: () => conditions(`HTTPRoute.default.${name}`) === undefined,
    }
  }
  const breakYaml: Edit = {
    ...{ target: 'mended', isLive: atOnce, isTold: always },
    write: () => write('mended.yaml', brokenYaml),
  }
  const writeUnknownField: Edit = {
    ...{ target: 'unknown', isLive: atOnce, isTold: always },
    write: () => write('unknown.yaml', unknownField),
  }
  const takePort: Edit = {
    ...{ target: 'taken', isLive: atOnce, isTold: () => programmed('Gateway.default.taken') === 'False' },
    write: () => write('taken.yaml', refusedGateway(folder)),
  }
  const leavePort: Edit = {
    ...{ target: 'taken', isLive: atOnce, isTold: () => conditions('Gateway.default.taken') === undefined },
    write: () => write('taken.yaml', ''),
  }
  const turn: readonly (() => Edit)[] = [
    () => setHeader('edited'),
    add,
    move,
    () => breakYaml,
    () => setHeader('edited'),
    removeOldest,
    () => takePort,
    () => setHeader('mended'),
    move,
    add,
    () => leavePort,
    () => writeUnknownField,
    removeOldest,
  ]
  const next = (make: (() => Edit) | undefined): Edit => {
    edits += 1
    return (make ?? move)()
  }
  return {
    next: () => next(turn[edits % turn.length]),
    last: () => [next(() => setHeader('mended')), next(() => setHeader('edited')), next(() => leavePort)],
  }
}
