// One object of a fleet at a time: written or removed as the version of it that stands, as a request may be on its way for
// longer than a lease lasts, and come after what the next leader has written.
import type { ApiObject, Kube, ObjectRef, PlainObject, Writer, Written } from '@penstock/kube'
import type { LiveObject } from './live-objects.ts'
import { replicasOf } from './object-status.ts'
import { fleetAnnotation } from './owned-kinds.ts'

export interface OwnedWriterOptions {
  readonly kube: Pick<Kube, 'list'>
  readonly writer: Pick<Writer, 'apply' | 'delete'>
}

export interface WantedObject {
  readonly ref: ObjectRef
  readonly fleet: string
  /** Undefined: not any more. */
  body(): PlainObject | undefined
  /** As far as it is known. */
  readonly live: LiveObject | undefined
  /** Of a Deployment whose number is an autoscaler's: so many at least when the autoscaler takes over. */
  readonly leastReplicas: number | undefined
  /** Its autoscaler is there. */
  readonly isScaled: boolean
}

export interface OwnedWriter {
  /** `foreign`: there is one that is not the fleet's; `conflict` or `gone`: it changes faster than it can be written. */
  write(object: WantedObject): Promise<Written | 'foreign'>
  /** `conflict`: as above. It stays where somebody has made it another's. */
  remove(object: LiveObject): Promise<Written>
}

/** As many at a time, when what is written is changed under our hands. */
const attempts = 4
/**
 * Holds the number of a Deployment from when we let go of it until its autoscaler writes one. Kubernetes sorts those who
 * apply by time and name: this one comes before ours, as else our next apply of the same would be a write.
 */
const takeover = { force: true, fieldManager: 'penstock-infra-autoscaling' }

/** What there is of an object, and which version of it is meant. */
type Standing = Pick<LiveObject, 'uid' | 'resourceVersion' | 'replicas'>

export function createOwnedWriter({ kube, writer }: OwnedWriterOptions): OwnedWriter {
  /** What is ours would go with its Gateway, so nothing of somebody else's is made ours. */
  async function look(
    { kind, namespace = '', name }: ObjectRef,
    fleet: string,
  ): Promise<Standing | 'foreign' | undefined> {
    const [found] = await kube.list(kind, { namespaces: [namespace], fieldSelector: `metadata.name=${name}` })
    if (!found) return undefined
    // Its labels, by which we know it else, may have been taken off.
    return found.metadata.annotations?.[fleetAnnotation] === fleet ? standingOf(found) : 'foreign'
  }

  async function writeOnto(standing: Standing | undefined, object: WantedObject): Promise<Written> {
    const { ref, leastReplicas = 0, isScaled } = object
    const apply = (onto: Standing | undefined): Promise<Written> =>
      writer.apply(ref, () => object.body(), { force: true, ...(onto ? versionOf(onto) : { absent: true }) })
    const handOver = (onto: Standing, replicas: number): Promise<Written> =>
      writer.apply(ref, { spec: { replicas } }, { ...takeover, ...versionOf(onto) })

    let onto = standing
    if (onto && object.leastReplicas !== undefined && !isScaled) {
      // What we no longer apply would fall back to one.
      const handed = await handOver(onto, Math.max(onto.replicas.wanted, leastReplicas))
      if (handed.is !== 'written') return handed
      onto = standingOf(handed.object)
    }
    const written = await apply(onto)
    if (written.is !== 'written' || !hasTooFew(written.object, leastReplicas)) return written
    const handed = await handOver(standingOf(written.object), leastReplicas)
    return handed.is === 'written' ? apply(standingOf(handed.object)) : handed
  }

  return {
    async write(object) {
      let standing: Standing | undefined = object.live
      for (let left = attempts; ; left -= 1) {
        // Our watch may be behind, or silent.
        const onto = standing ?? (await look(object.ref, object.fleet))
        if (onto === 'foreign') return onto
        const written = await writeOnto(onto, object)
        if ((written.is !== 'conflict' && written.is !== 'gone') || left === 1) return written
        standing = undefined
      }
    },
    async remove({ ref, uid, fleet, ...known }) {
      let standing = { uid, ...known }
      for (let left = attempts; ; left -= 1) {
        const written = await writer.delete(ref, versionOf(standing))
        if (written.is !== 'conflict' || left === 1) return written
        const now = await look(ref, fleet)
        if (now === undefined || now === 'foreign' || now.uid !== uid) return { is: 'unchanged' }
        standing = { ...standing, ...now }
      }
    },
  }
}

const standingOf = (object: ApiObject): Standing => ({ ...versionOf(object.metadata), replicas: replicasOf(object) })

const versionOf = ({ uid, resourceVersion }: Pick<Standing, 'uid' | 'resourceVersion'>) => ({ uid, resourceVersion })

/** None at all is how an autoscaler is switched off. */
function hasTooFew(object: ApiObject, least: number): boolean {
  const { wanted } = replicasOf(object)
  return wanted > 0 && wanted < least
}
