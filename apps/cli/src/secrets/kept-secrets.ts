// The Secrets of an installation in Kubernetes: read, made good in a folder of our own, and written back where they differ.
// Two that do this at once end with the same: whatever was written meanwhile is read again before anything more is.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Fault, retry } from '@penstock/fault'
import { kinds } from '@penstock/gateway-api'
import type { ApiObject, Kube, Writer, Written } from '@penstock/kube'
import { layOut, type SecretData, secretData } from './secret-folder.ts'
import type { SecretFiles } from './secret-table.ts'

export interface KeptSecrets {
  readonly kube: Kube
  readonly namespace: string
  readonly table: Readonly<Record<string, SecretFiles>>
  /** Ends all waiting. */
  readonly signal: AbortSignal
  say(line: string): void
  /** What is tried again. */
  onFault(fault: Fault): void
}

/** Not `penstock`: that is what the infra-manager makes, and may touch. */
const managedBy = 'penstock-secrets'
const label = 'app.kubernetes.io/managed-by'
export const secretLabels = { [label]: managedBy, 'app.kubernetes.io/part-of': 'penstock' } as const

const kind = kinds.find((each) => each.group === '' && each.kind === 'Secret') as (typeof kinds)[number]

export async function keepSecrets(options: KeptSecrets, prepare: (dir: string) => Promise<unknown>): Promise<void> {
  const writer = options.kube.writer({ fieldManager: managedBy, signal: options.signal })
  await untilUndisturbed(options, () => round(options, writer, prepare))
}

/** Again, after pauses that grow, while `attempt` says that somebody wrote meanwhile: undefined. */
async function untilUndisturbed<T>(options: KeptSecrets, attempt: () => Promise<T | undefined>): Promise<T> {
  const onFault = (fault: Fault): void => {
    options.say(`${fault.message}: once more`)
    options.onFault(fault)
  }
  const undisturbed = async (): Promise<PromiseSettledResult<T>> => {
    const [result] = await Promise.allSettled([attempt()])
    // Whatever else goes wrong is no reason for another attempt.
    if (result.status === 'rejected') return result
    if (result.value === undefined) throw new Fault('kube_busy', 'somebody wrote at the same time')
    return { ...result, value: result.value }
  }
  const result = await retry(undisturbed, { signal: options.signal, onFault })
  if (result.status === 'rejected') throw result.reason
  return result.value
}

/**
 * Says nothing of what is not there, or not ours. Homes of files go last, the authority at the very end: what is left half
 * way can be completed by `keepSecrets`, or removed by the same again.
 */
export async function removeSecrets(options: KeptSecrets): Promise<void> {
  const writer = options.kube.writer({ fieldManager: managedBy, signal: options.signal })
  for (const name of Object.keys(options.table).reverse()) {
    if (await removeSecret(options, writer, name)) options.say(`removed ${name}`)
  }
}

/** False: it was not there, or not ours. */
async function removeSecret(options: KeptSecrets, writer: Writer, name: string): Promise<boolean> {
  const { namespace } = options
  return untilUndisturbed(options, async () => {
    const found = await read(options, name)
    if (!found || !isOurs(found)) return false
    const { uid, resourceVersion } = found.metadata
    const written = await writer.delete({ kind, namespace, name }, { uid, resourceVersion })
    if (written.is === 'refused') throw new Error(`the Secret ${namespace}/${name}: ${written.message}`)
    // Gone it is also where another has taken its name.
    const isLeft = written.is === 'conflict' || (written.is === 'gone' && (await read(options, name)))
    return isLeft ? undefined : true
  })
}

/** Undefined: something was written since it was read. */
async function round(options: KeptSecrets, writer: Writer, prepare: (dir: string) => Promise<unknown>) {
  const dir = await mkdtemp(join(tmpdir(), 'penstock-secrets-'))
  try {
    const found = new Map<string, ApiObject>()
    for (const [name, files] of Object.entries(options.table)) {
      const secret = await read(options, name)
      if (secret) found.set(name, secret)
      layOut(dir, files, dataOf(secret))
    }
    await prepare(dir).catch((thrown: unknown) => Promise.reject(explained(thrown, dir, options.table)))
    // All are judged before the first is written.
    const changes = Object.entries(options.table).map(([name, files]) =>
      changeOf(options, { name, before: found.get(name), data: secretData(dir, files) }),
    )
    for (const change of changes) if (!(await write(options, writer, change))) return undefined
    return true
  } finally {
    await rm(dir, { recursive: true })
  }
}

/** In words of Secrets: the folder is gone by the time that anybody reads this. */
function explained(thrown: unknown, dir: string, table: KeptSecrets['table']): Error {
  const message = (thrown instanceof Error ? thrown.message : String(thrown)).replaceAll(`${dir}/`, '')
  const places = Object.entries(table).flatMap(([name, files]) =>
    Object.entries(files).flatMap(([key, file]) => (message.includes(file) ? [`${key} of the Secret ${name}`] : [])),
  )
  return new Error(places.length === 0 ? message : `${message} (${places.join(', ')})`, { cause: thrown })
}

interface Change {
  readonly name: string
  readonly before: ApiObject | undefined
  readonly data: SecretData
  /** The keys. */
  readonly differing: readonly string[]
}

function changeOf({ namespace }: KeptSecrets, { name, before, data }: Omit<Change, 'differing'>): Change {
  const had = dataOf(before)
  const differing = Object.keys(data).filter((key) => data[key] !== had[key])
  if (before && !isOurs(before) && differing.length > 0) {
    const missing = differing.join(', ')
    throw new Error(
      `the Secret ${namespace}/${name} is not ours and lacks, or has no good, ${missing}: complete it, ` +
        `or have it kept from here on with the label ${label}=${managedBy}`,
    )
  }
  return { name, before, data, differing }
}

async function write({ namespace, say }: KeptSecrets, writer: Writer, { name, before, data, differing }: Change) {
  if (before && differing.length === 0) {
    say(`unchanged ${name}`)
    return true
  }
  const body = { metadata: { labels: secretLabels }, type: 'Opaque', data }
  const on = before ? { uid: before.metadata.uid, resourceVersion: before.metadata.resourceVersion } : { absent: true }
  const written = await writer.apply({ kind, namespace, name }, body, { ...on, force: true })
  // A Secret that is not there has nothing that could have gone but its place.
  if (!before && written.is === 'gone') throw new Error(`there is no namespace ${namespace}`)
  if (isStale(written)) return false
  if (written.is === 'refused') throw new Error(`the Secret ${namespace}/${name}: ${written.message}`)
  say(`${before ? 'updated' : 'created'} ${name} (${differing.join(', ')})`)
  return true
}

const isStale = ({ is }: Written): boolean => is === 'conflict' || is === 'gone'

const isOurs = ({ metadata }: ApiObject): boolean => metadata.labels?.[label] === managedBy

const dataOf = (secret: ApiObject | undefined): SecretData => (secret?.['data'] ?? {}) as SecretData

function read({ kube, namespace, signal, onFault }: KeptSecrets, name: string): Promise<ApiObject | undefined> {
  const attempt = () => untilAborted(kube.get({ kind, namespace, name }), signal)
  return retry(attempt, { signal, onFault })
}

/** An answer that is still awaited must not hold up the end. */
async function untilAborted<T>(answer: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  const { promise, reject } = Promise.withResolvers<never>()
  const end = (): void => reject(signal.reason)
  signal.addEventListener('abort', end, { once: true })
  try {
    return await Promise.race([answer, promise])
  } finally {
    signal.removeEventListener('abort', end)
  }
}
