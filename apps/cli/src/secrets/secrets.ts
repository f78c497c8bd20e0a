// `penstock secrets`: all that the parts of an installation alone may know, as Secrets of its namespace.
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Kube, kubeSettings, openKube } from '@penstock/kube'
import { type Logger, silentLogger, silentMeter } from '@penstock/telemetry'
import { type PrepareSecretsOptions, prepareSecrets, sealingKeysFile } from '../prepare.ts'
import { keepSecrets, removeSecrets } from './kept-secrets.ts'
import { printedSecrets } from './printed-secrets.ts'
import { type SealingKeyNames, stepSealingKeys } from './sealing-keys.ts'
import { secretServices, secretTable, withoutCertificates } from './secret-table.ts'

export interface SecretsOptions extends Omit<PrepareSecretsOptions, 'dir' | 'services'> {
  /** Keep them in Kubernetes, print them, or remove those that were kept. */
  readonly to: 'keep' | 'print' | 'remove'
  /** To print: the folder that holds them, or will; a new one that is not kept where nothing is said. */
  readonly dir?: string | undefined
  readonly sealingKeys: SealingKeyNames
  readonly kubeconfig: string
  readonly timeoutMs: number
  /** Told to end: what lies in a folder of our own goes before we do. */
  readonly ending: AbortSignal
}

/** Says line by line what it did. */
export async function secrets(options: SecretsOptions, say: (line: string) => void): Promise<void> {
  const { to, namespace: told, certificates } = options
  const table = certificates ? secretTable : withoutCertificates(secretTable)
  const prepare = (namespace: string) => async (dir: string) => {
    const keys = join(dir, sealingKeysFile)
    const isFirst = !existsSync(keys)
    await prepareSecrets({ ...options, dir, namespace, services: secretServices })
    stepSealingKeys(keys, options.sealingKeys, isFirst)
    options.ending.throwIfAborted()
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
  const signal = AbortSignal.any([AbortSignal.timeout(options.timeoutMs), options.ending])
  let trouble = ''
  const onFault = ({ message }: Error): void => {
    trouble = `: ${message}`
  }
  const kept = { kube, namespace, table, signal, say, onFault }
  try {
    await (to === 'keep' ? keepSecrets(kept, prepare(namespace)) : removeSecrets(kept))
  } catch (thrown) {
    options.ending.throwIfAborted()
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

async function inFolder(dir: string | undefined, use: (dir: string) => Promise<void>): Promise<void> {
  if (dir !== undefined) return use(dir)
  const own = await mkdtemp(join(tmpdir(), 'penstock-secrets-'))
  try {
    await use(own)
  } finally {
    await rm(own, { recursive: true })
  }
}
