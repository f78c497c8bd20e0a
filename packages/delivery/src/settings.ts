// What every server of proxies can be told.
import { type ConnectionConfig, connectionSettings } from '@penstock/bus'
import { flag, instanceSetting, integer, port, type SettingsTable, text } from '@penstock/service'
import { defaultXdsSettings } from '@penstock/xds'

export interface DeliveryConfig extends ConnectionConfig {
  xdsHost: string
  xdsPort: number
  xdsTls: string
  xdsPlaintext: boolean
  maxStreams: number
  maxStreamsPerFleet: number
  maxRequestBytes: number
  maxNames: number
  instance: string
  connectionAgeMs: number
  drainMs: number
  sealingKeys: string
}

export const deliverySettings: SettingsTable<DeliveryConfig> = {
  ...connectionSettings,
  xdsHost: {
    env: 'PENSTOCK_XDS_HOST',
    parse: text,
    default: '127.0.0.1',
    sentence: 'The address on which proxies are served; 0.0.0.0 where they are on other machines.',
  },
  xdsPort: {
    env: 'PENSTOCK_XDS_PORT',
    parse: port,
    default: 18_000,
    sentence: 'The port on which proxies are served.',
  },
  xdsTls: {
    env: 'PENSTOCK_XDS_TLS',
    parse: text,
    default: '',
    sentence:
      'The folder with this server’s `tls.crt` and `tls.key` and, in `ca.crt`, who signs the identities of proxies; read again when it changes. Empty: proxies are served in the clear, on a loopback address only.',
  },
  xdsPlaintext: {
    env: 'PENSTOCK_XDS_PLAINTEXT',
    parse: flag,
    default: false,
    sentence:
      'Whether proxies may be served in the clear on any address: whoever reaches it is given every private key of every fleet.',
  },
  maxStreams: {
    env: 'PENSTOCK_XDS_MAX_STREAMS',
    parse: integer(1, 1_000_000),
    default: defaultXdsSettings.maxStreams,
    sentence: 'How many streams of proxies this server has at most; one more is refused.',
  },
  maxStreamsPerFleet: {
    env: 'PENSTOCK_XDS_MAX_STREAMS_PER_FLEET',
    parse: integer(1, 1_000_000),
    default: defaultXdsSettings.maxStreamsPerFleet,
    sentence: 'How many of them are of one fleet.',
  },
  maxRequestBytes: {
    env: 'PENSTOCK_XDS_MAX_REQUEST_BYTES',
    parse: integer(1_024, 1_000_000_000),
    default: defaultXdsSettings.maxRequestBytes,
    sentence: 'The largest request of a proxy; one that comes back names all that it holds of a type.',
  },
  maxNames: {
    env: 'PENSTOCK_XDS_MAX_NAMES',
    parse: integer(1, 10_000_000),
    default: defaultXdsSettings.maxNames,
    sentence: 'How many resources one stream asks for by name.',
  },
  instance: instanceSetting,
  connectionAgeMs: {
    env: 'PENSTOCK_XDS_CONNECTION_AGE_MS',
    parse: integer(0, 86_400_000),
    default: 1_800_000,
    sentence:
      'After how long a proxy is sent to another replica, give or take a fifth, in milliseconds, so that a new replica gets its share; 0: never.',
  },
  drainMs: {
    env: 'PENSTOCK_XDS_DRAIN_MS',
    parse: integer(0, 600_000),
    default: 3_000,
    sentence:
      'Within how long the proxies are sent elsewhere, one after the other, when this ends, in milliseconds; well below PENSTOCK_SHUTDOWN_MS.',
  },
  sealingKeys: {
    env: 'PENSTOCK_SEALING_KEYS',
    parse: text,
    default: '',
    sentence:
      'The file of the keys that private keys on the bus are sealed with; empty: no HTTPS listener can be served.',
  },
}
