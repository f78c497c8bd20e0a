// What the chart of each service can be told: the same for all, and the settings of that service.
import { connectionSettings } from '@penstock/bus'
import { frameSettings, type Setting } from '@penstock/service'
import { folderSettings } from '@penstock/watcher'
import { type ChartValue, type ChartValues, count, flag, list, taken } from './chart-value.ts'
import { externalNats, monitorValues, podValues } from './common-values.ts'

export interface ServiceChart {
  readonly settings: object
  /** It may be scaled by load: any number of replicas serve. */
  readonly scales?: true
  /** Unlike most it knows nothing of routes. */
  readonly small?: true
  /** Values that only this one has. */
  readonly more?: ChartValues
}

/** What charts say themselves, or what is of no use in a cluster. */
const wired: readonly string[] = [
  ...[...Object.values(connectionSettings), frameSettings.adminHost, frameSettings.adminPort].map(({ env }) => env),
  ...Object.values(folderSettings).map(({ env }) => env),
  ...[
    ...['INSTANCE', 'KUBECONFIG', 'KUBE_CONTEXT', 'SERVICE_ACCOUNT', 'SEALING_KEYS', 'XDS_HOST', 'XDS_PORT', 'FLEET'],
    ...['STATUS', 'GATEWAY_ADDRESS', 'XDS_ADDRESS', 'AGENTGATEWAY_XDS_ADDRESS', 'XDS_TLS', 'XDS_PLAINTEXT'],
    ...[
      'IDENTITY_CA',
      'DEBUG_TOKEN_FILE',
      'INFRA_PROVIDER',
      'HOST_DATA',
      'ENVOY_PROGRAM',
      'WATCH_NAMESPACES',
      'CONTROLLER_NAME',
    ],
  ].map((name) => `PENSTOCK_${name}`),
]

export function serviceValues(name: string, { settings, scales, small, more = {} }: ServiceChart): ChartValues {
  const own = [...Object.values(frameSettings), ...Object.values(settings)] as Setting<unknown>[]
  return {
    ...podValues({
      repository: `penstock/${name}`,
      memory: small ? ['96Mi', '256Mi'] : ['128Mi', '512Mi'],
      cpu: scales ? '100m' : '20m',
    }),
    ...monitorValues,
    externalNats: unset(
      externalNats(
        'Where NATS is for this service alone; field by field, what is said for all counts where nothing is.',
      ),
    ),
    replicas: count('How many of it run; one leads where only one may.', 2, 1),
    ...(scales && {
      proxies: {
        from: list(
          'Who may ask for configuration besides the proxies that Penstock runs, as peers of a NetworkPolicy.',
        ),
      },
      autoscaling: {
        enabled: flag('Whether a HorizontalPodAutoscaler says how many run.', false),
        minReplicas: count('At least so many.', 2, 1),
        maxReplicas: count('At most so many.', 10, 1),
        targetCpuPercent: count('How busy they should be, of the processor time that they request.', 70, 1),
      },
    }),
    ...more,
    settings: Object.fromEntries(
      own.filter(({ env }) => !wired.includes(env)).map((setting) => [nameOf(setting), settingValue(setting)]),
    ),
  }
}

/** Only shown: what is said elsewhere counts. */
const unset = (values: Readonly<Record<string, ChartValue>>): ChartValues =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { ...value, unset: true }]))

/** PENSTOCK_LOG_LEVEL is logLevel. */
const nameOf = ({ env }: { readonly env: string }): string =>
  env
    .slice('PENSTOCK_'.length)
    .toLowerCase()
    .replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())

function settingValue(setting: Setting<unknown>): ChartValue {
  const { default: value, defaultMeans, sentence } = setting
  const fallback = defaultMeans === undefined ? (value ?? '') : ''
  const shown = Array.isArray(fallback) ? fallback.join() : fallback
  return taken(setting, { sentence, default: shown, schema: { type: typeOf(shown) }, unset: true })
}

function typeOf(value: unknown): string {
  if (typeof value === 'number') return 'integer'
  return typeof value === 'boolean' ? 'boolean' : 'string'
}
