// What a user sees of the stack: answers of Envoy, and status files.
import { join } from 'node:path'
import { exchange } from '@penstock/testkit'
import { allConditions, type Condition, readStatusFile } from '../features/status-file.ts'
import { editHeader, type FolderPorts, hostOf, secureHost } from './chaos-folder.ts'

export interface Outside {
  /** To a request for the host of a route; `edit`: the number of the change that it shows. */
  answer(route: string): Promise<{ status: number; backend: string | undefined; edit: string | undefined }>
  /** The common name of the one that HTTPS is served with. */
  certificate(): Promise<string | undefined>
  hasStatus(file: string): boolean
  /** The status of the condition by which proxies have the object. */
  programmed(file: string): string | undefined
}

export function createOutside({ http, https }: Pick<FolderPorts, 'http' | 'https'>, statusFolder: string): Outside {
  const read = (file: string): readonly Condition[] | undefined => {
    const found = readStatusFile(join(statusFolder, `${file}.yaml`))
    return found && allConditions(found)
  }
  return {
    async answer(route) {
      const { status, echo, headers } = await exchange({ port: http, host: hostOf(route) })
      return { status, backend: echo?.backend, edit: headers[editHeader] }
    },
    certificate: async () => (await exchange({ port: https, host: secureHost, tls: true })).certificate,
    hasStatus: (file) => read(file) !== undefined,
    programmed: (file) => read(file)?.find(({ type }) => type.endsWith('Programmed'))?.status,
  }
}
