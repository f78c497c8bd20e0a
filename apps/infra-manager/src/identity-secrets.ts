// The Secret with the identity of each fleet's proxies. We may create and replace Secrets, but not read them: what stands is
// looked at by trying (identity-look.ts), and what we wrote is remembered at the account of the fleet (identity-record.ts).
// So a new leader goes on with what it finds, and what is missing, was edited or is not known is issued anew when the
// fleet is looked at: when anything about its objects changes, and with every resync.
import { Fault } from '@penstock/fault'
import { identityFiles } from '@penstock/identity'
import type { Authority } from '@penstock/identity/authority'
import type { Infra, Source } from '@penstock/ir'
import {
  type ApiObject,
  createDueKeys,
  type DueKeys,
  type Kube,
  type ObjectRef,
  type PlainObject,
  type Writer,
} from '@penstock/kube'
import { type FoundIdentity, lookAtIdentity } from './identity-look.ts'
import { type IdentityRecord, printOf, recordOf, renewalMs } from './identity-record.ts'
import { fleetAnnotation, identityAnnotation, secret, serviceAccount } from './owned-kinds.ts'
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
/** Holds what is remembered, which our applies of the account leave alone. */
const recorder = 'penstock-infra-identity'
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
    const { writer, install, validMs, nowMs } = this.#options
    const { fleet, source, plane, labels, annotations } = infra
    const account = await this.#account(infra)
    if (account === undefined) {
      this.#due.addLater(fleet, accountMs)
      return ''
    }
    const { caPem, signerPem, notAfterMs } = this.#options.authority()
    const owner = account.metadata.uid
    const print = printOf({ owner, install, fleet, plane, labels, annotations, caPem, signerPem, validMs })
    const record = recordOf(account)
    const ref = { kind: secret, namespace: source.namespace, name: proxyName(source.name) }
    const found = await lookAtIdentity(writer, { ref, fleet, install, record })
    if (found.is === 'foreign') return `${nameOf(infra)}: ${found.reason}`
    const isAsWanted = found.is === 'ours' && found.recorded && record?.print === print
    // Of an authority that has ended nothing better is to be had.
    const renewAtMs = notAfterMs <= nowMs() ? Number.POSITIVE_INFINITY : (record?.renewAtMs ?? 0)
    const leftMs = isAsWanted ? renewAtMs - nowMs() : 0
    if (leftMs <= 0) return this.#issue(infra, { ref, found, owner, print })
    this.#due.addLater(fleet, Math.min(leftMs, longestMs))
    return ''
  }

  /** The account of the fleet: the owner, as the Secret is to go with the fleet and we may not delete any. */
  async #account({ source, fleet }: WantedFleet): Promise<ApiObject | undefined> {
    const fieldSelector = `metadata.name=${proxyName(source.name)}`
    const [account] = await this.#options.kube.list(serviceAccount, { namespaces: [source.namespace], fieldSelector })
    return account?.metadata.annotations?.[fleetAnnotation] === fleet ? account : undefined
  }

  async #issue(infra: WantedFleet, { ref, found, owner, print }: Issuing): Promise<string> {
    const { writer, validMs, nowMs } = this.#options
    const authority = this.#options.authority()
    const issue = infra.plane === 'agentgateway' ? authority.issueToken : authority.issueProxy
    const issued = await issue(infra.fleet, { validMs })
    const body = this.#body(infra, owner, identityFiles(issued))
    // What was judged, or none: somebody else's that came in the meantime would be made ours, and of two that lead, as one
    // of them does not know yet that it does no more, only one may write.
    const written =
      found.is === 'ours'
        ? await writer.replace(ref, body, { uid: found.uid, resourceVersion: found.resourceVersion })
        : await writer.create(ref, body)
    if (written.is === 'refused') return `${nameOf(infra)}: ${written.message}`
    // It has come, gone or changed in the meantime.
    if (written.is !== 'written') {
      this.#due.addLater(infra.fleet, accountMs)
      return ''
    }
    const { uid, resourceVersion } = written.object.metadata
    const renewAtMs = renewalMs(issued.notAfterMs, authority, validMs)
    this.#due.addLater(infra.fleet, Math.max(0, Math.min(renewAtMs - nowMs(), longestMs)))
    return this.#remember(infra, owner, { uid, resourceVersion, renewAtMs, print })
  }

  async #remember(infra: WantedFleet, uid: string, record: IdentityRecord): Promise<string> {
    const { source, fleet } = infra
    const ref = { kind: serviceAccount, namespace: source.namespace, name: proxyName(source.name) }
    const body = { metadata: { annotations: { [identityAnnotation]: JSON.stringify(record) } } }
    const written = await this.#options.writer.apply(ref, body, { uid, force: true, fieldManager: recorder })
    // What is not remembered is issued anew when it is looked at.
    if (written.is === 'gone') this.#due.addLater(fleet, accountMs)
    return written.is === 'refused' || written.is === 'conflict' ? `${nameOf(infra)}: ${written.message}` : ''
  }

  #body({ source, fleet, labels, annotations }: WantedFleet, owner: string, files: IdentityFiles): PlainObject {
    const name = proxyName(source.name)
    const encoded = Object.entries(files).map(([file, text]) => [file, Buffer.from(text).toString('base64')])
    return {
      metadata: {
        labels: { ...labels, ...proxyLabels(source, this.#options.install) },
        annotations: { ...annotations, [fleetAnnotation]: fleet },
        ownerReferences: [{ apiVersion: 'v1', kind: 'ServiceAccount', name, uid: owner }],
      },
      type: 'Opaque',
      data: Object.fromEntries(encoded),
    }
  }
}

type IdentityFiles = Readonly<Record<string, string>>

interface Issuing {
  readonly ref: ObjectRef
  readonly found: FoundIdentity
  /** The uid of the account. */
  readonly owner: string
  readonly print: string
}

const nameOf = ({ source }: WantedFleet): string =>
  `Secret ${source.namespace}/${proxyName(source.name)} cannot be made`
