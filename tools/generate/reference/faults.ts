// docs/reference/faults.md, from the table of packages/fault.
import { faultCodes } from '@penstock/fault'
import { code, page, table } from './markdown.ts'

export function faultsDocument(): string {
  const rows = Object.entries(faultCodes).map(([name, { retry, means }]) => [code(name), means, retry ? 'yes' : 'no'])
  return page(
    'Faults',
    'An outage has one of these codes: in the log as `code`, in the metric `penstock_bus_faults_total` as a label.',
    table(['code', 'what it means', 'may pass by itself'], rows),
  )
}
