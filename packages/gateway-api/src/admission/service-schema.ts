// The spec of a Service (core v1; validation as in pkg/apis/core/validation: ValidateService).
import type { Schema } from './schema.ts'

const anything: Schema = {}
const text: Schema = { type: 'string' }

const servicePort: Schema = {
  type: 'object',
  required: ['port'],
  properties: {
    name: { type: 'string', maxLength: 63, pattern: '^([a-z0-9]([-a-z0-9]*[a-z0-9])?)?$' },
    port: { type: 'integer', minimum: 1, maximum: 65535 },
    protocol: { type: 'string', enum: ['TCP', 'UDP', 'SCTP'], default: 'TCP' },
    appProtocol: text,
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
    nodePort: anything,
  },
}

export const serviceSpec: Schema = {
  type: 'object',
  default: {},
  properties: {
    type: { type: 'string', enum: ['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName'], default: 'ClusterIP' },
    clusterIP: text,
    clusterIPs: { type: 'array', items: text },
    externalName: text,
    selector: { type: 'object', additionalProperties: text },
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
    allocateLoadBalancerNodePorts: anything,
    externalIPs: anything,
    externalTrafficPolicy: anything,
    healthCheckNodePort: anything,
    internalTrafficPolicy: anything,
    ipFamilies: anything,
    ipFamilyPolicy: anything,
    loadBalancerClass: anything,
    loadBalancerIP: anything,
    loadBalancerSourceRanges: anything,
    publishNotReadyAddresses: anything,
    sessionAffinity: anything,
    sessionAffinityConfig: anything,
  },
  'x-kubernetes-validations': [
    {
      rule: "self.type != 'ExternalName' || (has(self.externalName) && self.externalName != '')",
      message: 'a Service of type ExternalName has one',
      fieldPath: '.externalName',
      reason: 'FieldValueRequired',
    },
    {
      rule: "self.type == 'ExternalName' || (has(self.clusterIP) && self.clusterIP == 'None') || (has(self.ports) && self.ports.size() > 0)",
      message: 'only a headless Service does without',
      fieldPath: '.ports',
      reason: 'FieldValueRequired',
    },
  ],
}
