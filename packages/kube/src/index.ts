// The Kubernetes API, and the only user of its client library: reflection, discovery, writing.
export { accessTo, type ClusterAccess, type Credentials, type TlsIdentity } from './access.ts'
export { type ApiRequest } from './api-client.ts'
export { ApiFault } from './api-fault.ts'
export { type ApiMetadata, type ApiObject, type PlainObject, trimmed } from './api-object.ts'
export { type ObjectRef } from './api-path.ts'
export { type DiscoverOptions, type Discovery } from './discovery.ts'
export { createDueKeys, type DueKeys, type DueKeysOptions } from './due-keys.ts'
export { type EventBody } from './event-recorder.ts'
export { ownersOf } from './field-owners.ts'
export { accessInCluster } from './in-cluster.ts'
export { type HeldReason, type KindState } from './kind-state.ts'
export { createKube, type Kube, type KubeOptions } from './kube.ts'
export { accessByKubeconfig } from './kubeconfig.ts'
export { type KubeLimits, kubeLimits } from './limits.ts'
export { type ObjectChange } from './mirror.ts'
export { type KubeConfig, kubeSettings, openKube } from './open-kube.ts'
export { type Access, type AccessRules } from './own-rights.ts'
export { type Reflection, type ReflectOptions, type Scope } from './reflection.ts'
export { type ServedKind, type ServedKinds } from './served-kinds.ts'
export {
  type ApplyOptions,
  type DeleteOptions,
  type ReplaceOptions,
  type Wanted,
  type Writer,
  type WriterOptions,
} from './writer.ts'
export { type Written } from './written.ts'
