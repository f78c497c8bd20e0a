// Makes the cluster hold what INFRA wants, while this process leads: applied when it is wanted otherwise or somebody
// edited it, removed when nobody wants it, and what it says of itself told to everyone.
import { Fault } from '@penstock/fault'
import type { Infra, Infrastructure, Source } from '@penstock/ir'
import { createDueKeys, type DueKeys, type Kube, type Writer } from '@penstock/kube'
import { createLiveObjects, type LiveObject, type LiveObjects } from './live-objects.ts'
import { fleetAnnotation } from './owned-kinds.ts'
import type { Provider, ProviderEvents } from './provider.ts'
import type { OwnedObject } from './proxy-objects.ts'

export interface FleetBuilderOptions extends ProviderEvents {
  readonly kube: Kube
  readonly install: string
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
  readonly #due: DueKeys
  readonly #live: LiveObjects
  #begun = false
  #leading = false

  constructor(options: FleetBuilderOptions) {
    this.#options = options
    this.#due = createDueKeys({
      work: (fleet) => this.#build(fleet),
      atOnce: 4,
      paceMs: { first: 50, longest: 5_000 },
      onIdle: () => this.#failed.size === 0 && options.onSettled(),
    })
    this.#live = createLiveObjects({
      kube: options.kube,
      install: options.install,
      onChange: (fleet, edited) => {
        if (edited) this.#due.add([fleet])
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
    const objects = this.#live.of(fleet).filter((object) => object.owner === owner)
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
      if (object.owner !== source.uid) await this.#remove(object)
    }
    const refusals: string[] = []
    for (const object of this.#options.objectsOf(infra)) {
      const { kind, namespace, name } = object
      const reason = await this.#whyRefused(object, fleet)
      if (reason !== undefined) refusals.push(`${kind.kind} ${namespace}/${name} cannot be made: ${reason}`)
    }
    const problem = refusals.join(' ')
    if (problem === '') this.#problems.delete(fleet)
    else {
      if (problem !== this.#problems.get(fleet)) this.#options.log.error('infra_refused', { fleet, reason: problem })
      this.#problems.set(fleet, problem)
      this.#due.addLater(fleet, retryMs)
    }
  }

  /** A missing right, a quota and an admission policy are all told as 403, and concern this object alone. */
  async #whyRefused(object: OwnedObject, fleet: string): Promise<string | undefined> {
    const { kind, namespace, name, body } = object
    try {
      if (await this.#isForeign(object, fleet)) return 'there is one that was not made by Penstock'
      const written = await this.#options.writer.apply({ kind, namespace, name }, body, { force: true })
      return written.is === 'refused' || written.is === 'conflict' ? written.message : undefined
    } catch (thrown) {
      if (thrown instanceof Fault && thrown.code === 'kube_forbidden') return thrown.message
      throw thrown
    }
  }

  /** What is ours would go with its Gateway, so nothing of somebody else's is made ours. */
  async #isForeign({ kind, namespace, name }: OwnedObject, fleet: string): Promise<boolean> {
    if (this.#live.of(fleet).some(({ ref }) => ref.kind === kind && ref.name === name)) return false
    const fieldSelector = `metadata.name=${name}`
    const [found] = await this.#options.kube.list(kind, { namespaces: [namespace], fieldSelector })
    // Its labels, by which we know it else, may have been taken off.
    return found !== undefined && found.metadata.annotations?.[fleetAnnotation] !== fleet
  }

  async #remove({ ref, uid, fleet }: LiveObject): Promise<void> {
    const written = await this.#options.writer.delete(ref, { uid })
    if (written.is !== 'conflict' && written.is !== 'refused') return
    const reason = `${ref.kind.kind} ${ref.name} cannot be removed: ${written.message}`
    this.#options.log.error('infra_refused', { fleet, reason })
  }
}

function infrastructureOf(objects: readonly LiveObject[], problem = ''): Infrastructure {
  const sum = (count: (object: LiveObject) => number): number => objects.reduce((total, each) => total + count(each), 0)
  return {
    addresses: objects.flatMap(({ addresses }) => addresses),
    replicasWanted: sum(({ replicas }) => replicas.wanted),
    replicasReady: sum(({ replicas }) => replicas.ready),
    problem,
  }
}
