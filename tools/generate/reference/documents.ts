// What stands in docs/reference: by name, the function that makes the document. A new one takes a line here.
import { resolve } from 'node:path'
import { channelsDocument } from './channels.ts'
import { chartsDocument } from './charts.ts'
import { configurationDocument } from './configuration.ts'
import { faultsDocument } from './faults.ts'
import { featuresDocument } from './features.ts'
import { gatewayConfigDocument } from './gateway-config.ts'
import { kubernetesRightsDocument } from './kubernetes-rights.ts'
import { metricsDocument } from './metrics.ts'
import { permissionsDocument } from './permissions.ts'

export const documents: Readonly<Record<string, () => string | Promise<string>>> = {
  channels: channelsDocument,
  charts: chartsDocument,
  configuration: configurationDocument,
  faults: faultsDocument,
  features: featuresDocument,
  'gateway-config': gatewayConfigDocument,
  'kubernetes-rights': kubernetesRightsDocument,
  metrics: metricsDocument,
  permissions: permissionsDocument,
}

export const documentPath = (name: string): string => resolve(import.meta.dirname, `../../../docs/reference/${name}.md`)
