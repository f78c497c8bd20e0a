// What the charts do not make yet: what `penstock prepare` writes, as Secrets.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Cluster } from '../cluster/cluster.ts'
import { withPrepared } from '../conformance/prepared.ts'
import { serviceObjects } from '../conformance/services.ts'

export async function applySecrets({ kubectl }: Cluster, namespace: string): Promise<void> {
  if (await kubectl(['get', 'namespace', namespace, '--ignore-not-found', '--output=name'])) return
  await kubectl(['create', 'namespace', namespace])
  await withPrepared(async (prepared) => {
    const read = (file: string): string => readFileSync(join(prepared, file), 'base64')
    const server = 'agentgateway-server'
    const data = {
      'nats-password': read(`nats-passwords/${server}`),
      'debug-token': read(`debug-tokens/${server}`),
      'sealing-keys.json': read('sealing-keys.json'),
      'tls.crt': read(`tls/${server}/tls.crt`),
      'tls.key': read(`tls/${server}/tls.key`),
      'ca.crt': read(`tls/${server}/ca.crt`),
    }
    const secrets = serviceObjects(prepared, 1).filter((object) => (object as { kind: string }).kind === 'Secret')
    const items = [...secrets, { apiVersion: 'v1', kind: 'Secret', metadata: { name: server, namespace }, data }]
    await kubectl(['apply', '--server-side', '--filename=-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))
  })
}
