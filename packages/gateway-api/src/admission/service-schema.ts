// The spec of a Service (core v1; validation as in pkg/apis/core/validation: ValidateService).
import { formatted } from './formatted-text.ts'
import type { Schema } from './schema.ts'

const text: Schema = { type: 'string' }
const flag: Schema = { type: 'boolean' }
const number: Schema = { type: 'integer', format: 'int32' }
const texts: Schema = { type: 'array', items: text }

const servicePort: Schema = {
  type: 'object',
  required: ['port'],
  properties: {
    name: { type: 'string', maxLength: 63, pattern: '^([a-z0-9]([-a-z0-9]*[a-z0-9])?)?$' },
    port: { type: 'integer', minimum: 1, maximum: 65535 },
    protocol: { type: 'string', enum: ['TCP', 'UDP', 'SCTP'], default: 'TCP' },
    appProtocol: formatted('qualifiedName'),
    targetPort: {
      'x-kubernetes-int-or-string': true,
      'x-kubernetes-validations': [
        // Zero and the empty name ask for the default.
        {
          rule: 'type(self) != int || (self >= 0 && self <= 65535)',
          message: 'must be between 1 and 65535, inclusive',
        },
        {
          rule: "type(self) == int || self == '' || (self.size() <= 15 && self.matches('^[a-z0-9]([a-z0-9-]*[a-z0-9])?$') && self.matches('[a-z]') && !self.contains('--'))",
          message:
            'must be the name of a port: at most 15 lower case letters, digits and single hyphens, one letter at least',
        },
      ],
    },
    nodePort: number,
  },
}

const selector: Schema = {
  type: 'object',
  additionalProperties: formatted('labelValue'),
  'x-kubernetes-validations': [
    {
      rule: 'self.all(key, !format.qualifiedName().validate(key).hasValue())',
      message: 'keys must be qualified names, as those of labels',
    },
  ],
}

export const serviceSpec: Schema = {
  type: 'object',
  default: {},
  properties: {
    type: { type: 'string', enum: ['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName'], default: 'ClusterIP' },
    clusterIP: text,
    clusterIPs: texts,
    externalName: text,
    selector,
    trafficDistribution: text,
    ports: {
      type: 'array',
      items: servicePort,
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['port', 'protocol'],
      'x-kubernetes-validations': [
        {
          rule: "self.size() < 2 || self.all(p, has(p.name) && p.name != '')",
          message: 'each of several ports has a name',
          reason: 'FieldValueRequired',
        },
        {
          rule: "self.all(p, !has(p.name) || p.name == '' || self.exists_one(q, has(q.name) && q.name == p.name))",
          message: 'names of ports must be unique',
        },
      ],
    },
    allocateLoadBalancerNodePorts: flag,
    externalIPs: texts,
    externalTrafficPolicy: { ...text, enum: ['Cluster', 'Local'] },
    healthCheckNodePort: number,
    internalTrafficPolicy: { ...text, enum: ['Cluster', 'Local'] },
    ipFamilies: { type: 'array', items: { ...text, enum: ['IPv4', 'IPv6'] } },
    ipFamilyPolicy: { ...text, enum: ['SingleStack', 'PreferDualStack', 'RequireDualStack'] },
    loadBalancerClass: text,
    loadBalancerIP: text,
    loadBalancerSourceRanges: texts,
    publishNotReadyAddresses: flag,
    sessionAffinity: { ...text, enum: ['ClientIP', 'None'] },
    sessionAffinityConfig: {
      type: 'object',
      properties: { clientIP: { type: 'object', properties: { timeoutSeconds: number } } },
    },
  },
  'x-kubernetes-validations': [
    {
      rule: "self.type != 'ExternalName' || (has(self.externalName) && self.externalName != '')",
      message: 'a Service of type ExternalName has one',
      fieldPath: '.externalName',
      reason: 'FieldValueRequired',
    },
    {
      rule: "self.type != 'ExternalName' || !has(self.externalName) || self.externalName == '' || !format.dns1123Subdomain().validate(self.externalName.endsWith('.') ? self.externalName.substring(0, self.externalName.size() - 1) : self.externalName).hasValue()",
      message: 'must be a name in the DNS',
      fieldPath: '.externalName',
    },
    {
      rule: "self.type == 'ExternalName' || (has(self.clusterIP) && self.clusterIP == 'None') || (has(self.ports) && self.ports.size() > 0)",
      message: 'only a headless Service does without',
      fieldPath: '.ports',
      reason: 'FieldValueRequired',
    },
  ],
}
