// Schemas of the core kinds, which have no CRD. Names of fields are complete (Kubernetes 1.36), so that a misspelt one is
// refused; of what we do not read the types are checked; what we read is checked as the API server checks it.

import { formatted } from './formatted-text.ts'
import type { Schema, ValidationRule } from './schema.ts'
import { serviceSpec } from './service-schema.ts'

const anything: Schema = {}
const text: Schema = { type: 'string' }
const flag: Schema = { type: 'boolean' }
const texts: Schema = { type: 'object', additionalProperties: text }
const bytes: Schema = { type: 'object', additionalProperties: { type: 'string', format: 'byte' } }

const keysRule = {
  rule: "self.all(key, size(key) <= 253 && key != '.' && key != '..' && key.matches('^[-._a-zA-Z0-9]+$'))",
  message: "a valid key must consist of alphanumeric characters, '-', '_' or '.'",
}
const keyed = (schema: Schema): Schema => ({ ...schema, 'x-kubernetes-validations': [keysRule] })

const finalizer: Schema = {
  ...text,
  'x-kubernetes-validations': [
    {
      rule: "self in ['kubernetes', 'orphan', 'foregroundDeletion'] || (self.contains('/') && !format.qualifiedName().validate(self).hasValue())",
      message: 'name is neither a standard finalizer name nor is it fully qualified',
    },
  ],
}

const namespace: Schema = {
  type: 'object',
  properties: {
    spec: { type: 'object', properties: { finalizers: { type: 'array', items: finalizer } } },
    status: anything,
  },
}

const service: Schema = { type: 'object', properties: { spec: serviceSpec, status: anything } }

const tlsKeyRule = (key: string): ValidationRule => ({
  rule: `self.type != 'kubernetes.io/tls' || (has(self.data) && '${key}' in self.data) || (has(self.stringData) && '${key}' in self.stringData)`,
  message: 'a Secret of type kubernetes.io/tls has it',
  fieldPath: `.data[${key}]`,
  reason: 'FieldValueRequired',
})

const secret: Schema = {
  type: 'object',
  properties: {
    type: { ...text, default: 'Opaque' },
    data: keyed(bytes),
    stringData: keyed(texts),
    immutable: flag,
  },
  'x-kubernetes-validations': [tlsKeyRule('tls.crt'), tlsKeyRule('tls.key')],
}

const configMap: Schema = {
  type: 'object',
  properties: { data: keyed(texts), binaryData: keyed(bytes), immutable: flag },
  'x-kubernetes-validations': [
    {
      rule: '!has(self.data) || !has(self.binaryData) || self.data.all(key, !(key in self.binaryData))',
      message: 'a key stands in data or in binaryData, not in both',
      fieldPath: '.binaryData',
    },
  ],
}

/** The rest of what holds for it is no matter of a schema: see trust-bundle-problems.ts. */
const clusterTrustBundle: Schema = {
  type: 'object',
  properties: {
    spec: { type: 'object', default: {}, properties: { signerName: text, trustBundle: { ...text, default: '' } } },
  },
}

const objectReference: Schema = {
  type: 'object',
  properties: {
    ...{ kind: text, namespace: text, name: text, uid: text },
    ...{ apiVersion: text, resourceVersion: text, fieldPath: text },
  },
}

const endpoint: Schema = {
  type: 'object',
  required: ['addresses'],
  properties: {
    addresses: { type: 'array', items: text, minItems: 1, maxItems: 100, 'x-kubernetes-list-type': 'set' },
    conditions: { type: 'object', properties: { ready: flag, serving: flag, terminating: flag } },
    hostname: formatted('dns1123Label'),
    nodeName: formatted('dns1123Subdomain'),
    zone: text,
    targetRef: objectReference,
    deprecatedTopology: { type: 'object', additionalProperties: text },
    hints: {
      type: 'object',
      properties: {
        forZones: {
          type: 'array',
          items: { type: 'object', required: ['name'], properties: { name: text } },
          maxItems: 8,
        },
        forNodes: {
          type: 'array',
          items: { type: 'object', required: ['name'], properties: { name: text } },
          maxItems: 8,
        },
      },
    },
  },
}

const endpointPort: Schema = {
  type: 'object',
  properties: {
    name: { ...formatted('dns1123Label', "self == ''"), default: '' },
    port: { type: 'integer', minimum: 1, maximum: 65535 },
    protocol: { ...text, enum: ['TCP', 'UDP', 'SCTP'], default: 'TCP' },
    appProtocol: formatted('qualifiedName'),
  },
}

const addressRule = (type: string, holds: string): ValidationRule => ({
  rule: `self.addressType != '${type}' || !has(self.endpoints) || self.endpoints.all(e, e.addresses.all(a, ${holds}))`,
  message: `addresses must be ${type} when addressType is ${type}`,
  fieldPath: '.endpoints',
})

const endpointSlice: Schema = {
  type: 'object',
  required: ['addressType'],
  properties: {
    addressType: { ...text, enum: ['IPv4', 'IPv6', 'FQDN'] },
    endpoints: { type: 'array', items: endpoint, maxItems: 1000 },
    ports: {
      type: 'array',
      items: endpointPort,
      maxItems: 20000,
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
    },
  },
  'x-kubernetes-validations': [
    addressRule('IPv4', "isEndpointIP(a) && !a.contains(':')"),
    addressRule('IPv6', "isEndpointIP(a) && a.contains(':')"),
    addressRule('FQDN', "!format.dns1123Subdomain().validate(a).hasValue() && a.contains('.')"),
  ],
}

export const coreSchemas: Readonly<Record<string, Schema>> = {
  Namespace: namespace,
  Service: service,
  EndpointSlice: endpointSlice,
  Secret: secret,
  ConfigMap: configMap,
  ClusterTrustBundle: clusterTrustBundle,
}
