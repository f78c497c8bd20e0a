// The Secrets of an installation as one YAML document, for clusters that get them from elsewhere.
import { stringify } from 'yaml'
import { secretLabels } from './kept-secrets.ts'
import { secretData } from './secret-folder.ts'
import type { SecretFiles } from './secret-table.ts'

export function printedSecrets(dir: string, namespace: string, table: Readonly<Record<string, SecretFiles>>): string {
  const items = Object.entries(table).map(([name, files]) => ({
    ...{ apiVersion: 'v1', kind: 'Secret' },
    metadata: { name, namespace, labels: secretLabels },
    type: 'Opaque',
    data: secretData(dir, files),
  }))
  return stringify({ apiVersion: 'v1', kind: 'List', items }, { lineWidth: 0, aliasDuplicateObjects: false })
}
