// The only user of NATS: channels of small records, in commits, on a broker or in memory.
export { type Announcer } from './announcer.ts'
export { type Bus, type BusOptions, type Lead } from './bus.ts'
export { type Channel, type Codec, type CommittedChannel, type ServiceName, type SharedChannel } from './channel.ts'
export { channels, feedbackKey, type JsonObject, type JsonValue } from './channels.ts'
export {
  type ConnectionConfig,
  connectionSettings,
  type OrderConfig,
  openBus,
  orderSettings,
} from './connection-settings.ts'
export { type PublishedRecord, type PublishedState } from './difference.ts'
export {
  type CommittedChange,
  type Follower,
  type FollowOptions,
  type HeldBack,
  type ListenOptions,
  type RecordChange,
} from './follower.ts'
export { type Inspection } from './inspection.ts'
export { decodeKey, encodeKey } from './key.ts'
export { createMemoryBus, type MemoryBroker } from './memory-bus.ts'
export { createNatsBus, type NatsBusOptions } from './nats-bus.ts'
export {
  type NatsServerTls,
  type NatsUsersOptions,
  natsAccount,
  natsAccounts,
  natsRoutes,
  natsServerConfig,
  natsServerTls,
} from './nats-server-config.ts'
export { busGrants, busServices, channelRows, type Grant, natsUser } from './permissions.ts'
export { type CommittedRound, type Publisher, type PublisherOptions } from './publisher.ts'
export { createSealer, newSealingKeys, readSealingKeys, type Sealer, type SealingKeys } from './seal.ts'
export { type BusSettings, busSettings } from './settings.ts'
export { checkedPlaceName, placeNamePattern } from './subject-space.ts'
