// Makes the cluster hold what INFRA wants, while this process leads: applied when it is wanted otherwise or somebody
// edited it, removed when nobody wants it, and what it says of itself told to everyone.
import { Fault } from '@penstock/fault'
import type { Infra, Infrastructure, Source } from '@penstock/ir'
import {
  type ApiObject,
  createDueKeys,
  type DueKeys,
  type Kube,
  type PlainObject,
  type Writer,
  type Written,
} from '@penstock/kube'
import { createLiveObjects, type LiveObject, type LiveObjects } from './live-objects.ts'
import { replicasOf } from './object-status.ts'
import { autoscaler, fleetAnnotation, workloadKinds } from './owned-kinds.ts'
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
/** Until what has just changed under our hands is looked at again. */
const changedMs = 250
/**
 * Holds the number of a Deployment from when we let go of it until its autoscaler writes one. Kubernetes sorts those who
 * apply by time and name: this one comes before ours, as else our next apply of the same would be a write.
 */
const takeover = { force: true, fieldManager: 'penstock-infra-autoscaling' }

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
      const reason = object.refused ?? (await this.#whyRefused(object, fleet))
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
  async #whyRefused(object: OwnedObject, fleet: string): Promise<string | undefined> {
    const { body } = object
    if (body === undefined) return undefined
    try {
      const standing = await this.#standing(object, fleet)
      if (standing === 'foreign') return 'there is one that was not made by Penstock'
      const isScaled = this.#live.of(fleet).some(({ ref }) => ref.kind === autoscaler && ref.name === object.name)
      const written = await this.#write({ ...object, body, isScaled }, standing)
      if (written.is === 'refused') return written.message
      if (written.is !== 'written') this.#due.addLater(fleet, changedMs)
      return undefined
    } catch (thrown) {
      if (thrown instanceof Fault && thrown.code === 'kube_forbidden') return thrown.message
      throw thrown
    }
  }

  /** What is ours would go with its Gateway, so nothing of somebody else's is made ours. */
  async #standing({ kind, namespace, name }: OwnedObject, fleet: string): Promise<Standing | 'foreign' | undefined> {
    const live = this.#live.of(fleet).find(({ ref }) => ref.kind === kind && ref.name === name)
    if (live) return live
    const fieldSelector = `metadata.name=${name}`
    const [found] = await this.#options.kube.list(kind, { namespaces: [namespace], fieldSelector })
    if (!found) return undefined
    // Its labels, by which we know it else, may have been taken off.
    return found.metadata.annotations?.[fleetAnnotation] === fleet ? standingOf(found) : 'foreign'
  }

  /**
   * Each write is for the object as it stands: our request may be on its way for longer than our lease lasts, and come
   * after what the next leader has written.
   */
  async #write(object: WantedObject, standing: Standing | undefined): Promise<Written> {
    const { kind, namespace, name, body, isScaled, leastReplicas = 0 } = object
    const ref = { kind, namespace, name }
    const apply = (onto: Standing | undefined): Promise<Written> =>
      this.#options.writer.apply(ref, body, { force: true, ...(onto ? versionOf(onto) : { absent: true }) })
    const handOver = (onto: Standing, replicas: number): Promise<Written> =>
      this.#options.writer.apply(ref, { spec: { replicas } }, { ...takeover, ...versionOf(onto) })

    let onto = standing
    if (onto && object.leastReplicas !== undefined && !isScaled) {
      // What we no longer apply would fall back to one.
      const handed = await handOver(onto, Math.max(onto.replicas.wanted, leastReplicas))
      if (handed.is !== 'written') return handed
      onto = standingOf(handed.object)
    }
    const written = await apply(onto)
    if (written.is !== 'written' || !hasTooFew(object, written.object)) return written
    const handed = await handOver(standingOf(written.object), leastReplicas)
    return handed.is === 'written' ? apply(standingOf(handed.object)) : handed
  }

  /** As we know it: whoever has changed it since may want it. */
  async #remove({ ref, uid, resourceVersion, fleet }: LiveObject): Promise<void> {
    const written = await this.#options.writer.delete(ref, { uid, resourceVersion })
    if (written.is === 'conflict') this.#due.addLater(fleet, changedMs)
    if (written.is !== 'refused') return
    const reason = `${ref.kind.kind} ${ref.name} cannot be removed: ${written.message}`
    this.#options.log.error('infra_refused', { fleet, reason })
  }
}

/** What is there of an object, and which version of it is meant. */
type Standing = Pick<LiveObject, 'uid' | 'resourceVersion' | 'replicas'>

const standingOf = (object: ApiObject): Standing => ({ ...versionOf(object.metadata), replicas: replicasOf(object) })

const versionOf = ({ uid, resourceVersion }: Omit<Standing, 'replicas'>) => ({ uid, resourceVersion })

interface WantedObject extends OwnedObject {
  readonly body: PlainObject
  /** There is an autoscaler for it. */
  readonly isScaled: boolean
}

/** None at all is how an autoscaler is switched off. */
function hasTooFew({ leastReplicas = 0 }: OwnedObject, object: ApiObject): boolean {
  const { wanted } = replicasOf(object)
  return wanted > 0 && wanted < leastReplicas
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
