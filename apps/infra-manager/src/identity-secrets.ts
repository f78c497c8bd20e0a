// The Secret with the identity of each fleet's proxies. We may create and patch Secrets, but not read those of others: one
// is looked at by a patch that changes nothing, and that the API server refuses unless the Secret says it is this fleet's.
// So nothing is remembered, a new leader goes on with what it finds, and what is missing or was edited is put back when
// the fleet is looked at: when anything about its objects changes, and with every resync.
import { Fault } from '@penstock/fault'
import { identityFiles } from '@penstock/identity'
import type { Authority } from '@penstock/identity/authority'
import type { Infra, Source } from '@penstock/ir'
import { type ApiObject, createDueKeys, type DueKeys, type Kube, type PlainObject, type Writer } from '@penstock/kube'
import { type IdentityFiles, serviceableMs } from './identity-life.ts'
import { fleetAnnotation, secret, serviceAccount } from './owned-kinds.ts'
import { proxyLabels, proxyName } from './proxy-names.ts'

export interface IdentitySecretsOptions {
  readonly kube: Pick<Kube, 'list'>
  readonly install: string
  readonly writer: Writer
  readonly validMs: number
  authority(): Authority
  nowMs(): number
  /** Why a fleet has none as it should; empty: it has. */
  onProblem(fleet: string, problem: string): void
}

export interface IdentitySecrets extends AsyncDisposable {
  want(fleet: string, infra: Infra | undefined): void
  /** Something about the fleet's objects may have changed; `complete`: no pod of it is still to start. */
  look(fleet: string, complete: boolean): void
  lookAtAll(): void
  open(): void
  shut(): void
}

type WantedFleet = Infra & { readonly source: Source }

/** Until what cannot be written now, or waits for its account, is tried again. */
const retryMs = 5_000
const accountMs = 500
/** While pods start, which they cannot without it. */
const startingMs = 10_000
/** Timers hold no more; the resync comes much sooner. */
const longestMs = 2 ** 31 - 1

export function createIdentitySecrets(options: IdentitySecretsOptions): IdentitySecrets {
  return new Secrets(options)
}

class Secrets implements IdentitySecrets {
  readonly #options: IdentitySecretsOptions
  readonly #wanted = new Map<string, WantedFleet>()
  /** Fleets with pods that are still to start. */
  readonly #starting = new Set<string>()
  readonly #due: DueKeys

  constructor(options: IdentitySecretsOptions) {
    this.#options = options
    this.#due = createDueKeys({
      work: (fleet) => this.#settle(fleet),
      atOnce: 4,
      paceMs: { first: 50, longest: 5_000 },
    })
  }

  want(fleet: string, infra: Infra | undefined): void {
    if (infra?.source) this.#wanted.set(fleet, { ...infra, source: infra.source })
    // It goes with the account that owns it.
    else {
      this.#wanted.delete(fleet)
      this.#starting.delete(fleet)
    }
    this.#due.add([fleet])
  }

  look(fleet: string, complete: boolean): void {
    if (complete) this.#starting.delete(fleet)
    else this.#starting.add(fleet)
    this.#due.add([fleet])
  }

  lookAtAll(): void {
    this.#due.add(this.#wanted.keys())
  }

  open(): void {
    this.lookAtAll()
    this.#due.open()
  }

  shut(): void {
    this.#due.shut()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#due[Symbol.asyncDispose]()
  }

  /** Always paced: each look is a request. */
  async #settle(fleet: string): Promise<boolean> {
    const infra = this.#wanted.get(fleet)
    if (!infra) return false
    try {
      const problem = await this.#apply(infra)
      this.#options.onProblem(fleet, problem)
      if (problem !== '') this.#due.addLater(fleet, retryMs)
      else if (this.#starting.has(fleet)) this.#due.addLater(fleet, startingMs)
    } catch (thrown) {
      if (!(thrown instanceof Fault)) throw thrown
      // An outage is told by those who make the other objects.
      this.#due.addLater(fleet, retryMs)
      if (thrown.code === 'kube_forbidden') this.#options.onProblem(fleet, `${nameOf(infra)}: ${thrown.message}`)
    }
    return true
  }

  /** Returns why it is not as it should be. */
  async #apply(infra: WantedFleet): Promise<string> {
    const { writer } = this.#options
    const { fleet, source } = infra
    const ref = { kind: secret, namespace: source.namespace, name: proxyName(source.name) }
    const account = await this.#account(infra)
    if (account === undefined) {
      this.#due.addLater(fleet, accountMs)
      return ''
    }
    const found = await writer.confirm(ref, fleetAnnotation, fleet)
    if (found.is === 'refused') return `${nameOf(infra)}: there is one that was not made by Penstock`
    const present = found.is === 'written' ? found.object : undefined
    const files = await this.#serviceable(infra, filesOf(present))
    // What was judged, or none: somebody else's that came in the meantime would be made ours.
    const on = present ? { force: true, ...versionOf(present) } : { absent: true }
    const written = await writer.apply(ref, this.#body(infra, account, files), on)
    // It has come, gone or changed in the meantime.
    if (written.is === 'gone' || written.is === 'conflict') this.#due.addLater(fleet, accountMs)
    return written.is === 'refused' ? `${nameOf(infra)}: ${written.message}` : ''
  }

  /** The uid of the fleet's account: the owner, as it is removed with the fleet and we may not delete Secrets. */
  async #account({ source, fleet }: WantedFleet): Promise<string | undefined> {
    const fieldSelector = `metadata.name=${proxyName(source.name)}`
    const [account] = await this.#options.kube.list(serviceAccount, { namespaces: [source.namespace], fieldSelector })
    return account?.metadata.annotations?.[fleetAnnotation] === fleet ? account.metadata.uid : undefined
  }

  /** The same files if they serve, else new ones; and a look when they are to be renewed. */
  async #serviceable({ fleet, plane }: WantedFleet, present: IdentityFiles): Promise<IdentityFiles> {
    const { install, validMs, nowMs } = this.#options
    const authority = this.#options.authority()
    const life = { fleet, install, authority, validMs, nowMs: nowMs() }
    const isOfPlane = 'token' in present === (plane === 'agentgateway')
    const leftMs = isOfPlane ? await serviceableMs(present, life) : undefined
    this.#due.addLater(fleet, Math.min(leftMs ?? (validMs * 2) / 3, longestMs))
    if (leftMs !== undefined) return present
    const issue = plane === 'agentgateway' ? authority.issueToken : authority.issueProxy
    return identityFiles(await issue(fleet, { validMs }))
  }

  #body({ source, fleet, labels, annotations }: WantedFleet, account: string, files: IdentityFiles): PlainObject {
    const name = proxyName(source.name)
    const encoded = Object.entries(files).map(([file, text]) => [file, Buffer.from(text).toString('base64')])
    return {
      metadata: {
        labels: { ...labels, ...proxyLabels(source, this.#options.install) },
        annotations: { ...annotations, [fleetAnnotation]: fleet },
        ownerReferences: [{ apiVersion: 'v1', kind: 'ServiceAccount', name, uid: account }],
      },
      type: 'Opaque',
      data: Object.fromEntries(encoded),
    }
  }
}

const nameOf = ({ source }: WantedFleet): string =>
  `Secret ${source.namespace}/${proxyName(source.name)} cannot be made`

const versionOf = ({ metadata }: ApiObject): Pick<ApiObject['metadata'], 'uid' | 'resourceVersion'> => ({
  uid: metadata.uid,
  resourceVersion: metadata.resourceVersion,
})

const ourFiles = ['tls.crt', 'tls.key', 'ca.crt', 'token']

function filesOf(present: PlainObject | undefined): IdentityFiles {
  const data = (present?.['data'] ?? {}) as Readonly<Record<string, string>>
  const ours = Object.entries(data).filter(([file]) => ourFiles.includes(file))
  return Object.fromEntries(ours.map(([file, text]) => [file, Buffer.from(text, 'base64').toString()]))
}
