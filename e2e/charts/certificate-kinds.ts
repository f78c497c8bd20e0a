// The kinds of cert-manager, from its own module: so that an API server judges what charts say in them.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { downloadModule } from '@penstock/tools/go-module'
import { parse } from 'yaml'

const certManager = {
  path: 'github.com/cert-manager/cert-manager',
  version: 'v1.19.1',
  sum: 'h1:Txh8L/nLWTDcb7ZnXuXbTe15BxQnLbLirXmbNk0fGgY=',
}

/** For helm, which asks no cluster when it renders. */
export const certificateVersions: readonly string[] = ['--api-versions=cert-manager.io/v1']

/** CustomResourceDefinitions. */
export async function certificateDefinitions(): Promise<readonly object[]> {
  const folder = join(await downloadModule(certManager), 'deploy/crds')
  return ['issuers', 'certificates'].map(
    (kind) => parse(readFileSync(join(folder, `cert-manager.io_${kind}.yaml`), 'utf8')) as object,
  )
}
