// Makes the cluster hold what INFRA wants, while this process leads: applied when it is wanted otherwise or somebody
// edited it, removed when nobody wants it, and what it says of itself told to everyone.
import { Fault } from '@penstock/fault'
import type { Infra, Infrastructure, Source } from '@penstock/ir'
import { createDueKeys, type DueKeys, type Kube, type Writer } from '@penstock/kube'
import { createLiveObjects, type LiveObject, type LiveObjects } from './live-objects.ts'
import { autoscaler, workloadKinds } from './owned-kinds.ts'
import { createOwnedWriter, type OwnedWriter } from './owned-writer.ts'
import type { Provider, ProviderEvents } from './provider.ts'
import type { OwnedObject } from './proxy-objects.ts'

export interface FleetBuilderOptions extends ProviderEvents {
  readonly kube: Kube
  readonly install: string
  readonly namespaces: readonly string[]
  readonly writer: Writer
  /** What a fleet is made of. */
  objectsOf(infra: Infra & { readonly source: Source }): readonly OwnedObject[]
}

export interface FleetBuilder extends Provider {
  lead(): void
  follow(): void
  applyAll(): void
}

/** Until what cannot be written now is tried again. */
const retryMs = 5_000

export function createFleetBuilder(options: FleetBuilderOptions): FleetBuilder {
  return new Builder(options)
}

type WantedFleet = Infra & { readonly source: Source }

class Builder implements FleetBuilder {
  readonly #options: FleetBuilderOptions
  readonly #wanted = new Map<string, WantedFleet>()
  /** Why a fleet could not be made as wanted. */
  readonly #problems = new Map<string, string>()
  /** Fleets for which not everything could be asked for. */
  readonly #failed = new Set<string>()
  /** Fleets of which something goes once something else can stand in for it. */
  readonly #replacing = new Set<string>()
  readonly #due: DueKeys
  readonly #live: LiveObjects
  readonly #writer: OwnedWriter
  #begun = false
  #leading = false

  constructor(options: FleetBuilderOptions) {
    this.#options = options
    this.#writer = createOwnedWriter(options)
    this.#due = createDueKeys({
      work: (fleet) => this.#build(fleet),
      atOnce: 4,
      paceMs: { first: 50, longest: 5_000 },
      onIdle: () => this.#failed.size === 0 && options.onSettled(),
    })
    this.#live = createLiveObjects({
      kube: options.kube,
      install: options.install,
      namespaces: options.namespaces,
      onChange: (fleet, edited) => {
        if (edited || this.#replacing.has(fleet)) this.#due.add([fleet])
        this.#tell(fleet)
      },
      onKnown: () => this.#open(),
    })
  }

  want(fleet: string, infra: Infra | undefined): void {
    if (infra?.source) this.#wanted.set(fleet, { ...infra, source: infra.source })
    else {
      this.#wanted.delete(fleet)
      this.#problems.delete(fleet)
      this.#replacing.delete(fleet)
      this.#tell(fleet)
    }
    this.#due.add([fleet])
  }

  begin(): void {
    this.#begun = true
    this.#open()
  }

  lead(): void {
    this.#leading = true
    this.#open()
  }

  follow(): void {
    this.#leading = false
    this.#due.shut()
    // It fails at nothing while another does it.
    this.#failed.clear()
    if (this.#begun) this.#options.onSettled()
    for (const fleet of this.#wanted.keys()) this.#options.onInfrastructure(fleet, undefined)
  }

  applyAll(): void {
    this.#due.add(new Set([...this.#wanted.keys(), ...this.#live.fleets()]))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#due[Symbol.asyncDispose]()
    await this.#live[Symbol.asyncDispose]()
  }

  #open(): void {
    if (!this.#begun || !this.#leading || !this.#live.known) return
    this.applyAll()
    this.#due.open()
    for (const fleet of this.#wanted.keys()) this.#tell(fleet)
  }

  #tell(fleet: string): void {
    if (!this.#leading || !this.#live.known) return
    const owner = this.#wanted.get(fleet)?.source.uid
    // What an earlier Gateway of the name has left says nothing of this one.
    const objects = this.#live.of(fleet).filter((object) => !isOfAnother(object, owner))
    const infrastructure = owner === undefined ? undefined : infrastructureOf(objects, this.#problems.get(fleet))
    this.#options.onInfrastructure(fleet, infrastructure)
  }

  /** Returns whether anything was written. */
  async #build(fleet: string): Promise<boolean> {
    try {
      const infra = this.#wanted.get(fleet)
      if (infra) await this.#apply(infra)
      else for (const object of this.#live.of(fleet)) await this.#remove(object)
      this.#failed.delete(fleet)
    } catch (thrown) {
      if (!(thrown instanceof Fault)) throw thrown
      this.#due.addLater(fleet, retryMs)
      // Whoever leads builds it; the lease may also have been renewed at the last moment.
      if (thrown.code === 'lease_lost') return false
      this.#failed.add(fleet)
      this.#options.onFault(thrown)
    }
    this.#tell(fleet)
    return true
  }

  async #apply(infra: WantedFleet): Promise<void> {
    const { fleet, source } = infra
    for (const object of this.#live.of(fleet)) {
      // Of a Gateway that was deleted and made again under its name: the old ones go with the old one.
      if (isOfAnother(object, source.uid)) await this.#remove(object)
    }
    const wanted = this.#options.objectsOf(infra)
    const refusals: string[] = []
    for (const object of wanted) {
      const { kind, namespace, name } = object
      const reason = object.refused ?? (await this.#whyRefused(object, infra))
      if (reason !== undefined) refusals.push(`${kind.kind} ${namespace}/${name} cannot be made: ${reason}`)
    }
    await this.#removeSurplus(fleet, wanted)
    this.#setProblem(fleet, refusals.join(' '))
  }

  /** What was made for the fleet when more, or something else, was wanted. */
  async #removeSurplus(fleet: string, wanted: readonly OwnedObject[]): Promise<void> {
    const live = this.#live.of(fleet)
    const isWanted = ({ ref }: LiveObject): boolean => wanted.some(({ kind }) => kind === ref.kind)
    const standsIn = live.some((object) => workloadKinds.includes(object.ref.kind) && isStandIn(object, isWanted))
    this.#replacing.delete(fleet)
    for (const object of live) {
      if (isWanted(object) || !wanted.some(({ name }) => name === object.ref.name)) continue
      // The old pods serve until the new ones do.
      if (workloadKinds.includes(object.ref.kind) && !standsIn) this.#replacing.add(fleet)
      else await this.#remove(object)
    }
  }

  #setProblem(fleet: string, problem: string): void {
    if (problem === '') {
      this.#problems.delete(fleet)
      return
    }
    if (problem !== this.#problems.get(fleet)) this.#options.log.error('infra_refused', { fleet, reason: problem })
    this.#problems.set(fleet, problem)
    this.#due.addLater(fleet, retryMs)
  }

  /** A missing right, a quota and an admission policy are all told as 403, and concern this object alone. */
  async #whyRefused(object: OwnedObject, infra: WantedFleet): Promise<string | undefined> {
    const { kind, namespace, name, body, leastReplicas } = object
    if (body === undefined) return undefined
    const { fleet } = infra
    const live = this.#live.of(fleet).filter(({ ref }) => ref.name === name)
    try {
      const written = await this.#writer.write({
        ref: { kind, namespace, name },
        fleet,
        // An old wish is not carried through an outage.
        body: () => (this.#wanted.get(fleet) === infra ? body : undefined),
        live: live.find(({ ref }) => ref.kind === kind),
        leastReplicas,
        isScaled: live.some(({ ref }) => ref.kind === autoscaler),
      })
      if (written === 'foreign') return 'there is one that was not made by Penstock'
      if (written.is === 'refused') return written.message
      if (written.is === 'conflict' || written.is === 'gone') this.#due.addLater(fleet, retryMs)
      return undefined
    } catch (thrown) {
      if (thrown instanceof Fault && thrown.code === 'kube_forbidden') return thrown.message
      throw thrown
    }
  }

  async #remove(object: LiveObject): Promise<void> {
    const { ref, fleet } = object
    const written = await this.#writer.remove(object)
    if (written.is === 'conflict') this.#due.addLater(fleet, retryMs)
    if (written.is !== 'refused') return
    const reason = `${ref.kind.kind} ${ref.name} cannot be removed: ${written.message}`
    this.#options.log.error('infra_refused', { fleet, reason })
  }
}

const isOfAnother = ({ owner }: LiveObject, uid: string | undefined): boolean => owner !== undefined && owner !== uid

const isStandIn = (object: LiveObject, isWanted: (object: LiveObject) => boolean): boolean =>
  isWanted(object) && object.replicas.complete

function infrastructureOf(objects: readonly LiveObject[], problem = ''): Infrastructure {
  const sum = (count: (object: LiveObject) => number): number => objects.reduce((total, each) => total + count(each), 0)
  return {
    addresses: objects.flatMap(({ addresses }) => addresses),
    replicasWanted: sum(({ replicas }) => replicas.wanted),
    replicasReady: sum(({ replicas }) => replicas.ready),
    problem,
  }
}
