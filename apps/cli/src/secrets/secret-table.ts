// What each part of an installation alone may know: the keys of the Secret that is named like it, and for each the file of
// the folder that `penstock prepare` writes. The one place that says so, for the command, the charts and the tests.
import { join } from 'node:path'
import { authorityFolder, serverFolder } from '../authority-files.ts'
import { natsFiles } from '../nats-access.ts'
import { sealingKeysFile } from '../prepare.ts'

/** By key of the Secret: a file, from the folder. */
export type SecretFiles = Readonly<Record<string, string>>

const sealingKeys: SecretFiles = { [sealingKeysFile]: sealingKeysFile }
const authority: SecretFiles = { 'ca.crt': join(authorityFolder, 'ca.crt'), 'ca.key': join(authorityFolder, 'ca.key') }

const server = (name: string): SecretFiles =>
  Object.fromEntries(['tls.crt', 'tls.key', 'ca.crt'].map((file) => [file, join(serverFolder(name), file)]))

/** For its user on NATS, for its debug pages, and whom to trust where NATS talks TLS. */
const ofService = (name: string): SecretFiles => ({
  'nats-password': join('nats-passwords', name),
  'debug-token': join('debug-tokens', name),
  'nats-ca.crt': join(authorityFolder, 'ca.crt'),
})

const own: Readonly<Record<string, SecretFiles>> = {
  'infra-manager': authority,
  watcher: sealingKeys,
  translator: {},
  'status-reporter': {},
  'xds-server': { ...sealingKeys, ...server('xds-server') },
  'agentgateway-server': { ...sealingKeys, ...server('agentgateway-server') },
}

/** Those that have a chart: users of NATS. */
export const secretServices: readonly string[] = Object.keys(own)

/**
 * By name of the Secret. Where two hold the same file, the first is its home and the others have copies; what is made from
 * other files comes after them, NATS's list of users last.
 */
export const secretTable: Readonly<Record<string, SecretFiles>> = {
  ...Object.fromEntries(Object.entries(own).map(([name, files]) => [name, { ...files, ...ofService(name) }])),
  nats: { ...Object.fromEntries(natsFiles.map((file) => [file, file])), ...server('nats') },
}

/** What is left where somebody else issues certificates. */
export function withoutCertificates(table: Readonly<Record<string, SecretFiles>>): Record<string, SecretFiles> {
  const isIssued = (file: string): boolean => file.startsWith(`${authorityFolder}/`) || file.startsWith('tls/')
  const rest = (files: SecretFiles): SecretFiles =>
    Object.fromEntries(Object.entries(files).filter(([, file]) => !isIssued(file)))
  return Object.fromEntries(Object.entries(table).map(([name, files]) => [name, rest(files)]))
}
