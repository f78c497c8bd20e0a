// What a fake API server answers: an object, or a Status that says why not.
import type { ServerResponse } from 'node:http'
import { fieldsV1 } from './fake-kube-apply.ts'
import type { KubeObject, StoredKind } from './fake-kube-objects.ts'

/** Thrown anywhere in the handling of a request. */
export class Refused extends Error {
  readonly code: number
  readonly reason: string
  readonly details: object

  constructor(code: number, reason: string, message: string, details: object = {}) {
    super(message)
    this.code = code
    this.reason = reason
    this.details = details
  }

  get status(): object {
    const { code, reason, message, details } = this
    return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, details, code }
  }
}

export const notFound = (kind: StoredKind, name: string): Refused =>
  new Refused(404, 'NotFound', `${kind.plural} "${name}" not found`, { name, group: kind.group, kind: kind.plural })

export const conflict = (kind: StoredKind, name: string, message: string): Refused =>
  new Refused(409, 'Conflict', `Operation cannot be fulfilled on ${kind.plural} "${name}": ${message}`, { name })

export const expired = (): Refused => new Refused(410, 'Expired', 'too old resource version')

export function send(response: ServerResponse, code: number, body: object | string, headers: object = {}): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const type = typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json'
  response.writeHead(code, { 'content-type': type, ...headers })
  response.end(text)
}

interface Shown {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: object
}

/** As the version and in the form that was asked for. */
export function shown(object: KubeObject, kind: StoredKind, accept: string): Shown {
  const managedFields = object.metadata.managedFields?.map(({ fields, ...entry }) => ({
    ...entry,
    ...{ fieldsType: 'FieldsV1', fieldsV1: fieldsV1(fields) },
  }))
  const metadata = { ...object.metadata, ...(managedFields && { managedFields }) }
  if (accept.includes('as=PartialObjectMetadata')) {
    return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata }
  }
  const apiVersion = kind.group === '' ? kind.version : `${kind.group}/${kind.version}`
  return { ...object, apiVersion, kind: kind.kind, metadata }
}
