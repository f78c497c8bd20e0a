// What each service's user may do on NATS, read off the channels table: every grant with its reason, and nothing else
// (design section 3). The subjects are those that the client was seen to send; permissions.test.ts and
// permissions-matrix.test.ts hold them to that. docs/reference/permissions.md is written from here.
import type { Channel, ServiceName } from './channel.ts'
import { channels, leaders } from './channels.ts'
import { createSubjectSpace, inboxPrefix, leaseBucket, leaseKey, type SubjectSpace } from './subject-space.ts'

export interface Grant {
  readonly action: 'publish' | 'subscribe'
  readonly subject: string
  /** One sentence for the documentation. */
  readonly why: string
}

/** Whose user. */
export interface UserPlace {
  readonly install: string
  readonly service: ServiceName
  /** All the sources that processes of this service serve. */
  readonly sources: readonly string[]
}

/** The name of the user. One server knows each name once, whatever the account: two installations have the same services. */
export const natsUser = ({ install, service }: { readonly install: string; readonly service: string }): string =>
  `${install}/${service}`

type Row = Channel<never>
export type ChannelRows = readonly Row[]

// A codec takes and gives one type: as a row of the table it is only looked at.
export const channelRows = Object.values(channels) as unknown as ChannelRows

const publish = (why: string, ...subjects: readonly string[]): Grant[] =>
  subjects.map((subject) => ({ action: 'publish', subject, why }))

/** Every service that the table names, sorted: these are the users. */
export function busServices(rows: ChannelRows = channelRows): ServiceName[] {
  const named = rows.flatMap(({ publishers, readers }) => [...publishers, ...readers])
  return [...new Set([...named, ...leaders])].sort()
}

/**
 * Who creates the stream of a channel. This is the one grant that is wider than it looks: the definition of a stream may
 * name other streams to copy from, so whoever creates one can read all. It must be a service that may anyway.
 */
export function creatorsOf(channel: Row): readonly ServiceName[] {
  return channel.writers === 'one'
    ? channel.publishers
    : channel.keeper === undefined
      ? channel.publishers
      : [channel.keeper]
}

const createsStreams = (service: ServiceName, rows: ChannelRows): boolean =>
  rows.some((channel) => creatorsOf(channel).includes(service))

/** Whether this service creates the bucket of leases when it is missing; one that may not waits for one that may. */
export function createsLeases(service: string): boolean {
  const named = busServices().find((each) => each === service)
  return named === undefined || createsStreams(named, channelRows)
}

/**
 * Whether this service keeps the number of copies of that bucket. It belongs to all services, so that their leaders, told
 * different numbers while settings are rolled out, would undo each other's: one of those that create it does.
 */
export function keepsLeases(service: string): boolean {
  const named = busServices().find((each) => each === service)
  return named === undefined || named === busServices().find((each) => createsStreams(each, channelRows))
}

/** Every grant of one service's user, in a fixed order, each subject once. */
export function busGrants({ install, service, sources }: UserPlace, rows: ChannelRows = channelRows): Grant[] {
  const inbox = `${inboxPrefix({ install, service })}.>`
  const grants: Grant[] = [{ action: 'subscribe', subject: inbox, why: 'answers to its own requests, and deliveries' }]
  for (const source of sources) {
    for (const channel of rows) {
      const space = createSubjectSpace({ install, source }, channel)
      if (channel.publishers.includes(service)) grants.push(...writing(channel, space, service))
      if (readsStream(channel, service)) grants.push(...reading(space))
      if (creatorsOf(channel).includes(service)) grants.push(...creating(space.stream))
    }
  }
  if (leaders.includes(service)) grants.push(...leading({ install, service, sources }, rows))
  return [...new Map(grants.map((grant) => [`${grant.action} ${grant.subject}`, grant])).values()]
}

function writing(channel: Row, space: SubjectSpace, service: ServiceName): Grant[] {
  const own = channel.writers === 'many' && channel.keyedByService === true
  return own ? publish('writes records, in its own name', space.under(service)) : publish('writes records', space.all)
}

/** A writer that leads must know what its stream holds. */
const readsStream = ({ readers, writers, publishers }: Row, service: ServiceName): boolean =>
  readers.includes(service) || (writers === 'one' && publishers.includes(service))

function reading({ stream, all }: SubjectSpace): Grant[] {
  return [
    ...publish('asks whether the stream is there and which one it is', `$JS.API.STREAM.INFO.${stream}`),
    ...publish('sets up a delivery of this stream and no other', `$JS.API.CONSUMER.CREATE.${stream}.*.${all}`),
    ...publish('ends that delivery; needs its name, which only its owner knows', `$JS.API.CONSUMER.DELETE.${stream}.*`),
    ...publish('says that it keeps up with a delivery (flow control)', `$JS.FC.${stream}.>`),
  ]
}

function creating(stream: string): Grant[] {
  return [
    ...publish('asks whether the stream is there and which one it is', `$JS.API.STREAM.INFO.${stream}`),
    ...publish('creates the stream', `$JS.API.STREAM.CREATE.${stream}`),
    ...publish('brings the stream to its definition', `$JS.API.STREAM.UPDATE.${stream}`),
  ]
}

/** All leases lie in one bucket, so that few must create it; a key of it can be written by its service alone. */
function leading({ install, service, sources }: UserPlace, rows: ChannelRows): Grant[] {
  const bucket = leaseBucket(install)
  const stream = `KV_${bucket}`
  const creates = createsStreams(service, rows)
  return [
    ...publish('asks whether the bucket of leases is there', `$JS.API.STREAM.INFO.${stream}`),
    ...publish('reads who holds a lease', `$JS.API.STREAM.MSG.GET.${stream}`),
    ...sources.flatMap((source) =>
      publish('takes, renews and gives up its own lease', `$KV.${bucket}.${leaseKey({ service, source })}`),
    ),
    ...(creates ? creating(stream) : []),
  ]
}
