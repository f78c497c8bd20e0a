// The services of Penstock as plain objects of Kubernetes: a Deployment each, with the rights that its chart names for
// it, and a Secret with its password at NATS.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { secretTable } from '@penstock/cli'
import { kubeRightsObjects, servicesWithRights } from '@penstock/testkit'
import { imageName } from '../images/built-images.ts'

const namespace = 'penstock-system'
const secretFolder = '/etc/penstock'

interface ServiceOptions {
  /** It opens or seals private keys, and is told where they are. */
  readonly sealing?: true
  /** A port that others use, under a Service of its name. */
  readonly port?: number
  readonly env?: Readonly<Record<string, string>>
}

const services: Readonly<Record<string, ServiceOptions>> = {
  watcher: { sealing: true },
  translator: {},
  'xds-server': {
    ...{ sealing: true, port: 18_000 },
    env: { PENSTOCK_XDS_HOST: '0.0.0.0', PENSTOCK_XDS_PORT: '18000', PENSTOCK_XDS_TLS: secretFolder },
  },
  'status-reporter': {},
  'infra-manager': { env: { PENSTOCK_IDENTITY_CA: secretFolder } },
}

export const serviceNames = Object.keys(services)

/** All objects, `prepared` being the folder that `penstock prepare` wrote; of each service so many replicas. */
export function serviceObjects(prepared: string, replicas: number): readonly object[] {
  const secret = (name: string): object => {
    const files = Object.entries(secretTable[name] ?? {})
    const data = Object.fromEntries(files.map(([key, path]) => [key, readFileSync(join(prepared, path), 'base64')]))
    return { ...object('v1', 'Secret', name), data }
  }
  const own = serviceNames.flatMap((name) => {
    const { port } = services[name] ?? {}
    return [
      secret(name),
      ...kubeRightsObjects(name, { namespace }),
      ...(port ? [{ ...object('v1', 'Service', name), spec: { selector: { app: name }, ports: [{ port }] } }] : []),
      deployment(name, replicas),
    ]
  })
  return [secret('nats'), ...own]
}

const object = (apiVersion: string, kind: string, name: string) => ({ apiVersion, kind, metadata: { name, namespace } })

function deployment(name: string, replicas: number): object {
  const { sealing, env = {} } = services[name] ?? {}
  const told = {
    PENSTOCK_NATS_PASSWORD_FILE: `${secretFolder}/nats-password`,
    PENSTOCK_DEBUG_TOKEN_FILE: `${secretFolder}/debug-token`,
    ...(sealing && { PENSTOCK_SEALING_KEYS: `${secretFolder}/sealing-keys.json` }),
    ...env,
  }
  const container = {
    name,
    image: imageName(name),
    imagePullPolicy: 'Never',
    envFrom: [{ configMapRef: { name: 'penstock' } }],
    env: Object.entries(told).map(([key, value]) => ({ name: key, value })),
    livenessProbe: { httpGet: { path: '/livez', port: 9900 }, initialDelaySeconds: 10 },
    readinessProbe: { httpGet: { path: '/readyz', port: 9900 }, periodSeconds: 1 },
    resources: { requests: { cpu: '10m', memory: '64Mi' }, limits: { memory: '512Mi' } },
    securityContext: {
      ...{ runAsNonRoot: true, readOnlyRootFilesystem: true, allowPrivilegeEscalation: false },
      ...{ capabilities: { drop: ['ALL'] }, seccompProfile: { type: 'RuntimeDefault' } },
    },
    volumeMounts: [{ name: 'secrets', mountPath: secretFolder, readOnly: true }],
  }
  const pod = {
    serviceAccountName: name,
    // Without rights there is nothing to ask the API server for.
    automountServiceAccountToken: servicesWithRights().includes(name),
    terminationGracePeriodSeconds: 10,
    // The files are of root, for the group alone.
    securityContext: { fsGroup: 65_532 },
    containers: [container],
    volumes: [{ name: 'secrets', secret: { secretName: name, defaultMode: 0o440 } }],
  }
  const labels = { app: name }
  return {
    ...object('apps/v1', 'Deployment', name),
    spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: pod } },
  }
}
