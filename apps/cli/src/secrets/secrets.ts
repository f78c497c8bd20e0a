// `penstock secrets`: all that the parts of an installation alone may know, as Secrets of its namespace.
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newSealingKeys, readSealingKeys } from '@penstock/bus'
import { type Kube, kubeSettings, openKube } from '@penstock/kube'
import { type Logger, silentLogger, silentMeter } from '@penstock/telemetry'
import { type PrepareSecretsOptions, prepareSecrets, sealingKeysFile } from '../prepare.ts'
import { writePrivately } from '../service-secrets.ts'
import { keepSecrets, removeSecrets } from './kept-secrets.ts'
import { printedSecrets } from './printed-secrets.ts'
import { secretServices, secretTable, withoutCertificates } from './secret-table.ts'

export interface SecretsOptions extends Omit<PrepareSecretsOptions, 'dir' | 'services'> {
  /** Keep them in Kubernetes, print them, or remove those that were kept. */
  readonly to: 'keep' | 'print' | 'remove'
  /** To print: the folder that holds them, or will; a new one that is not kept where nothing is said. */
  readonly dir?: string | undefined
  /** The keys that seal from now on are new ones; those before open what they sealed. */
  readonly renewSealingKeys: boolean
  readonly kubeconfig: string
  readonly timeoutMs: number
}

/** Says line by line what it did. */
export async function secrets(options: SecretsOptions, say: (line: string) => void): Promise<void> {
  const { to, namespace: told, certificates } = options
  const table = certificates ? secretTable : withoutCertificates(secretTable)
  const renew = options.renewSealingKeys ? sealingKeysOnce() : () => {}
  const prepare = (namespace: string) => async (dir: string) => {
    renew(dir)
    await prepareSecrets({ ...options, dir, namespace, services: secretServices })
  }
  if (to === 'print') {
    const namespace = told ?? 'penstock-system'
    await inFolder(options.dir, async (dir) => {
      await prepare(namespace)(dir)
      say(printedSecrets(dir, namespace, table).trimEnd())
    })
    return
  }
  await using kube = await openApi(options.kubeconfig)
  const namespace = told ?? kube.namespace ?? 'penstock-system'
  const signal = AbortSignal.timeout(options.timeoutMs)
  let trouble = ''
  const onFault = ({ message }: Error): void => {
    trouble = `: ${message}`
  }
  const kept = { kube, namespace, table, signal, say, onFault }
  try {
    await (to === 'keep' ? keepSecrets(kept, prepare(namespace)) : removeSecrets(kept))
  } catch (thrown) {
    throw signal.aborted ? new Error(`not done in ${options.timeoutMs} ms${trouble}`) : thrown
  }
}

function openApi(kubeconfig: string): Promise<Kube> {
  const told = { kubeconfig, kubeContext: '', serviceAccount: kubeSettings.serviceAccount.default }
  return openKube(told, { service: 'secrets', log: complaints, meter: silentMeter })
}

/** What is tried again is said, so that a wait explains itself. */
const complaints: Logger = {
  ...silentLogger,
  warn: (event, fields) => void process.stderr.write(`${event} ${JSON.stringify(fields)}\n`),
  child: () => complaints,
}

/** The same ones however often it is asked: a second attempt must not push out the keys that are in use. */
function sealingKeysOnce(): (dir: string) => void {
  let renewed: string | undefined
  return (dir) => {
    const file = join(dir, sealingKeysFile)
    if (!existsSync(file)) return
    renewed ??= newSealingKeys(readSealingKeys(file))
    writePrivately(file, renewed)
  }
}

async function inFolder(dir: string | undefined, use: (dir: string) => Promise<void>): Promise<void> {
  if (dir !== undefined) return use(dir)
  const own = await mkdtemp(join(tmpdir(), 'penstock-secrets-'))
  try {
    await use(own)
  } finally {
    await rm(own, { recursive: true })
  }
}
