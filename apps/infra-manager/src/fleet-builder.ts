// Makes the cluster hold what INFRA wants, while this process leads: applied when it is wanted otherwise or somebody
// edited it, removed when nobody wants it, and what it says of itself told to everyone.
import { Fault } from '@penstock/fault'
import type { Infra, Infrastructure, Source } from '@penstock/ir'
import { createDueKeys, type DueKeys, type Kube, type Writer } from '@penstock/kube'
import type { Logger } from '@penstock/telemetry'
import { createLiveObjects, type LiveObject, type LiveObjects } from './live-objects.ts'
import type { OwnedObject } from './proxy-objects.ts'

export interface FleetBuilderOptions {
  readonly kube: Kube
  readonly writer: Writer
  readonly log: Logger
  /** What a fleet is made of. */
  objectsOf(infra: Infra & { readonly source: Source }): readonly OwnedObject[]
  /** Undefined: the fleet is no more. */
  onInfrastructure(fleet: string, infrastructure: Infrastructure | undefined): void
  onFault(fault: Fault): void
  onSettled(): void
}

export interface FleetBuilder extends AsyncDisposable {
  want(fleet: string, infra: Infra | undefined): void
  /** Everything that is wanted has been told. */
  begin(): void
  lead(): void
  follow(): void
  applyAll(): void
}

/** Until what cannot be written now is tried again. */
const retryMs = 5_000

export function createFleetBuilder(options: FleetBuilderOptions): FleetBuilder {
  const { kube, writer, log, onInfrastructure } = options
  const wanted = new Map<string, Infra & { readonly source: Source }>()
  /** Why a fleet could not be made as wanted. */
  const problems = new Map<string, string>()
  let begun = false
  let leading = false

  const due: DueKeys = createDueKeys({
    work: (fleet) => build(fleet),
    atOnce: 4,
    paceMs: { first: 50, longest: 5_000 },
    onIdle: options.onSettled,
  })
  const live: LiveObjects = createLiveObjects({
    kube,
    onChange(fleet, edited) {
      if (edited) due.add([fleet])
      tell(fleet)
    },
    onKnown: open,
  })

  function open(): void {
    if (!begun || !leading || !live.known) return
    applyAll()
    due.open()
    for (const fleet of wanted.keys()) tell(fleet)
  }

  function applyAll(): void {
    due.add(new Set([...wanted.keys(), ...live.fleets()]))
  }

  function tell(fleet: string): void {
    if (!leading || !live.known) return
    onInfrastructure(fleet, wanted.has(fleet) ? infrastructureOf(live.of(fleet), problems.get(fleet)) : undefined)
  }

  /** Returns whether anything was written. */
  async function build(fleet: string): Promise<boolean> {
    try {
      const infra = wanted.get(fleet)
      if (infra) await applyFleet(infra)
      else for (const object of live.of(fleet)) await remove(object)
    } catch (thrown) {
      if (!(thrown instanceof Fault)) throw thrown
      // Whoever leads builds it.
      if (thrown.code === 'lease_lost') return false
      options.onFault(thrown)
      due.addLater(fleet, retryMs)
    }
    tell(fleet)
    return true
  }

  async function applyFleet(infra: Infra & { readonly source: Source }): Promise<void> {
    const { fleet, source } = infra
    const objects = options.objectsOf(infra)
    for (const object of live.of(fleet)) {
      // Of a Gateway that was deleted and made again under its name: the old ones go with the old one.
      if (object.owner !== source.uid) await remove(object)
    }
    const refusals: string[] = []
    for (const { kind, namespace, name, body } of objects) {
      const written = await writer.apply({ kind, namespace, name }, body, { force: true })
      if (written.is === 'refused' || written.is === 'conflict') {
        refusals.push(`${kind.kind} ${namespace}/${name} cannot be made: ${written.message}`)
      }
    }
    const problem = refusals.join(' ')
    if (problem !== '' && problem !== problems.get(fleet)) log.error('infra_refused', { fleet, reason: problem })
    if (problem === '') problems.delete(fleet)
    else {
      problems.set(fleet, problem)
      due.addLater(fleet, retryMs)
    }
  }

  async function remove({ ref, uid, fleet }: LiveObject): Promise<void> {
    const written = await writer.delete(ref, { uid })
    if (written.is === 'conflict' || written.is === 'refused') {
      log.error('infra_refused', {
        fleet,
        reason: `${ref.kind.kind} ${ref.name} cannot be removed: ${written.message}`,
      })
    }
  }

  return {
    want(fleet, infra) {
      if (infra?.source) wanted.set(fleet, { ...infra, source: infra.source })
      else {
        wanted.delete(fleet)
        problems.delete(fleet)
        tell(fleet)
      }
      due.add([fleet])
    },
    begin() {
      begun = true
      open()
    },
    lead() {
      leading = true
      open()
    },
    follow() {
      leading = false
      due.shut()
      for (const fleet of wanted.keys()) onInfrastructure(fleet, undefined)
    },
    applyAll,
    async [Symbol.asyncDispose]() {
      await due[Symbol.asyncDispose]()
      await live[Symbol.asyncDispose]()
    },
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
