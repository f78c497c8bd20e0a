// What a watcher can be told.
import { type ConnectionConfig, connectionSettings, type OrderConfig, orderSettings } from '@penstock/bus'
import { type KubeConfig, kubeSettings } from '@penstock/kube'
import { integer, list, type SettingsTable, text } from '@penstock/service'
import type { FolderSettings } from './folder.ts'
import type { ManifestLimits } from './manifest.ts'

export interface FolderConfig extends FolderSettings, ManifestLimits {
  folder: string
}

export interface ClusterConfig {
  namespaces: readonly string[]
  labelSelector: string
}

export interface WatcherConfig extends ConnectionConfig, OrderConfig, FolderConfig, ClusterConfig, KubeConfig {
  sealingKeys: string
}

const milliseconds = integer(0, 3_600_000)
const megabyte = 1024 * 1024

export const folderSettings: SettingsTable<FolderConfig> = {
  folder: {
    env: 'PENSTOCK_CONFIG',
    parse: text,
    default: '',
    sentence: 'The folder whose YAML and JSON files are the resources; empty: they are read from Kubernetes.',
  },
  quietMs: {
    env: 'PENSTOCK_QUIET_MS',
    parse: milliseconds,
    default: 20,
    sentence: 'A file written in place is read once nothing happened to it for so many milliseconds.',
  },
  removeQuietMs: {
    env: 'PENSTOCK_REMOVE_QUIET_MS',
    parse: milliseconds,
    default: 100,
    sentence: 'What is missing from a file, or with it, is removed once nothing happened for so many milliseconds.',
  },
  rescanMs: {
    env: 'PENSTOCK_RESCAN_MS',
    parse: integer(10, 3_600_000),
    default: 10_000,
    sentence: 'The whole folder is looked at so often, in milliseconds, for what no event told.',
  },
  maxFileBytes: {
    env: 'PENSTOCK_MAX_FILE_BYTES',
    parse: integer(1, 512 * megabyte),
    default: 16 * megabyte,
    sentence: 'A larger file is refused.',
  },
  maxDocuments: {
    env: 'PENSTOCK_MAX_DOCUMENTS',
    parse: integer(1, 1_000_000),
    default: 20_000,
    sentence: 'A file with more documents is refused.',
  },
  maxAliases: {
    env: 'PENSTOCK_MAX_ALIASES',
    parse: integer(0, 100_000),
    default: 100,
    sentence: 'A document whose YAML aliases stand for more nodes is refused.',
  },
  maxObjectBytes: {
    env: 'PENSTOCK_MAX_OBJECT_BYTES',
    parse: integer(1, 2 * megabyte),
    // The bus takes 2 MiB; what is sealed grows a little.
    default: 2 * megabyte - 8_192,
    sentence: 'An object with more bytes as JSON is refused.',
  },
}

export const clusterSettings: SettingsTable<ClusterConfig> = {
  namespaces: {
    env: 'PENSTOCK_WATCH_NAMESPACES',
    parse: list,
    default: [],
    sentence: 'The namespaces that are read, separated by commas; none: all of them.',
  },
  labelSelector: {
    env: 'PENSTOCK_WATCH_SELECTOR',
    parse: text,
    default: '',
    sentence: 'Gateways, ListenerSets, routes and policies without these labels are passed over (a label selector).',
  },
}

export const settings: SettingsTable<WatcherConfig> = {
  ...connectionSettings,
  ...orderSettings,
  ...folderSettings,
  ...clusterSettings,
  ...kubeSettings,
  sealingKeys: {
    env: 'PENSTOCK_SEALING_KEYS',
    parse: text,
    sentence: 'The file with the keys under which private keys cross the bus.',
  },
}
