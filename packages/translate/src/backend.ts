// The backend record of a Service port that a route uses. Its endpoints have records of their own.
import { objectKey, type Service } from '@penstock/gateway-api'
import type { Collection, Read } from '@penstock/incremental'
import type { IrRecord } from '@penstock/ir'
import type { SecuredPort } from './backend-tls-policy.ts'
import { protocolOf, serviceBackendKey, tcpPort, useOf } from './service.ts'
import { sourceOf } from './source.ts'

/** `key`: that of the record. A port that is gone is no backend; its routes say so. */
export function translateBackend(
  key: string,
  read: Read,
  from: { readonly services: Collection<Service>; readonly securedPorts: Collection<SecuredPort> },
): IrRecord | undefined {
  const [, kind = '', namespace = '', name = '', portText, variant = ''] = key.split('/')
  const port = Number(portText)
  const service = read.get(from.services, objectKey({ group: '', kind, namespace, name }))
  const facts = service && tcpPort(service, port)
  const protocol = facts && protocolOf(facts, useOf(variant))
  if (service === undefined || facts === undefined || protocol === undefined) return undefined
  const { tls, closed } = read.get(from.securedPorts, serviceBackendKey({ namespace, name }, port)) ?? {}
  const endpoints = { $case: 'service' as const, value: { namespace, service: name, portName: facts.name ?? '' } }
  return {
    kind: 'backend',
    value: {
      source: sourceOf(service),
      kind,
      namespace,
      name,
      port,
      variant,
      protocol,
      discovery: closed ?? endpoints,
      tls,
    },
  }
}
