// Generates TypeScript for the Envoy messages that one package uses.
// usage: node envoy.ts <package>, from the package's folder. Output: src/gen, never committed.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { create, fromBinary, toBinary } from '@bufbuild/protobuf'
import {
  type DescriptorProto,
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  FieldDescriptorProtoSchema,
  FileDescriptorProtoSchema,
  type FileDescriptorSet,
  FileDescriptorSetSchema,
} from '@bufbuild/protobuf/wkt'
import { findPython } from '../bootstrap/wheels.mjs'

const root = resolve(import.meta.dirname, '../..')

const roots: Record<string, string[]> = {
  xds: ['envoy/service/discovery/v3/discovery.proto'],
  'plane-envoy': [
    'envoy/config/cluster/v3/cluster.proto',
    'envoy/config/endpoint/v3/endpoint.proto',
    'envoy/config/listener/v3/listener.proto',
    'envoy/config/route/v3/route.proto',
    'envoy/config/route/v3/scoped_route.proto',
    'envoy/config/trace/v3/opentelemetry.proto',
    'envoy/extensions/access_loggers/file/v3/file.proto',
    'envoy/extensions/access_loggers/open_telemetry/v3/logs_service.proto',
    'envoy/extensions/access_loggers/stream/v3/stream.proto',
    'envoy/extensions/filters/http/cors/v3/cors.proto',
    'envoy/extensions/filters/http/lua/v3/lua.proto',
    'envoy/extensions/filters/http/router/v3/router.proto',
    'envoy/extensions/filters/http/stateful_session/v3/stateful_session.proto',
    'envoy/extensions/filters/listener/tls_inspector/v3/tls_inspector.proto',
    'envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.proto',
    'envoy/extensions/http/early_header_mutation/header_mutation/v3/header_mutation.proto',
    'envoy/extensions/http/stateful_session/cookie/v3/cookie.proto',
    'envoy/extensions/http/stateful_session/header/v3/header.proto',
    'envoy/extensions/matching/common_inputs/network/v3/network_inputs.proto',
    'envoy/extensions/retry/host/previous_hosts/v3/previous_hosts.proto',
    'envoy/extensions/transport_sockets/tls/v3/tls.proto',
    'envoy/extensions/upstreams/http/v3/http_protocol_options.proto',
  ],
}

// Fields that Envoy 1.40 has and the wheel's descriptors (about 1.36) lack: numbers from Envoy's own API.
interface Patch {
  file: string
  message: string
  name: string
  number: number
  /** A name with a dot is a message, of the file that stands with it. */
  type: 'string' | readonly [message: string, file: string]
}
const openTelemetryLogs = {
  file: 'envoy/extensions/access_loggers/open_telemetry/v3/logs_service.proto',
  message: 'OpenTelemetryAccessLogConfig',
}
const patches: Patch[] = [
  {
    ...{ ...openTelemetryLogs, name: 'grpc_service', number: 9 },
    type: ['envoy.config.core.v3.GrpcService', 'envoy/config/core/v3/grpc_service.proto'],
  },
  { ...openTelemetryLogs, name: 'log_name', number: 10, type: 'string' },
]

function patch(set: FileDescriptorSet): void {
  for (const { file: fileName, message, name, number, type } of patches) {
    const file = set.file.find((f) => f.name === fileName)
    const target = file?.messageType.find((m) => m.name === message)
    if (!file || !target || target.field.some((f) => f.name === name)) continue
    const [typeName, home] = type === 'string' ? [] : type
    if (home !== undefined && !file.dependency.includes(home)) file.dependency.push(home)
    target.field.push(
      create(FieldDescriptorProtoSchema, {
        ...{ name, number, label: FieldDescriptorProto_Label.OPTIONAL },
        ...(typeName === undefined
          ? { type: FieldDescriptorProto_Type.STRING }
          : { type: FieldDescriptorProto_Type.MESSAGE, typeName: `.${typeName}` }),
      }),
    )
  }
}

// Files that Envoy 1.40 has and the wheel lacks: one message each, numbers from Envoy's own API.
interface NewerFile {
  package: string
  imports: string[]
  message: string
  /** In order of number, from 1; a name with a dot is a message, "string[]" is repeated. */
  fields: Record<string, string>
}
const tls = 'envoy.extensions.transport_sockets.tls'
const newer: Record<string, NewerFile[]> = {
  'plane-envoy': [
    {
      package: `${tls}.cert_selectors.on_demand_secret.v3`,
      imports: ['envoy/config/core/v3/config_source.proto', 'envoy/config/core/v3/extension.proto'],
      message: 'Config',
      fields: {
        config_source: 'envoy.config.core.v3.ConfigSource',
        certificate_mapper: 'envoy.config.core.v3.TypedExtensionConfig',
        prefetch_secret_names: 'string[]',
      },
    },
    { package: `${tls}.cert_mappers.sni.v3`, imports: [], message: 'SNI', fields: { default_value: 'string' } },
  ],
}

function toDescriptor({ package: packageName, imports, message, fields }: NewerFile) {
  const field = Object.entries(fields).map(([name, type], index) => ({
    ...{ name, number: index + 1 },
    label: type.endsWith('[]') ? FieldDescriptorProto_Label.REPEATED : FieldDescriptorProto_Label.OPTIONAL,
    ...(type.includes('.')
      ? { type: FieldDescriptorProto_Type.MESSAGE, typeName: `.${type}` }
      : { type: FieldDescriptorProto_Type.STRING }),
  }))
  return create(FileDescriptorProtoSchema, {
    ...{ name: `${packageName.replaceAll('.', '/')}/config.proto`, package: packageName, syntax: 'proto3' },
    dependency: imports,
    messageType: [{ name: message, field }],
  })
}

/** Serialized descriptors leave JSON names out; every reader of JSON needs them. */
function nameForJson(message: DescriptorProto): void {
  for (const field of message.field) {
    if (field.jsonName === '')
      field.jsonName = field.name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
  }
  for (const nested of message.nestedType) nameForJson(nested)
}

const name = process.argv[2] ?? ''
const wanted = roots[name]
if (!wanted) throw new Error(`usage: node envoy.ts ${Object.keys(roots).join('|')}`)
const image = join(process.cwd(), 'gen', 'envoy.binpb')
mkdirSync(join(process.cwd(), 'gen'), { recursive: true })
execFileSync(findPython().command, [
  join(root, 'tools/generate/descriptors.py'),
  join(root, '.penstock/python'),
  image,
  ...wanted,
])
const set = fromBinary(FileDescriptorSetSchema, readFileSync(image))
patch(set)
set.file.push(...(newer[name] ?? []).map(toDescriptor))
for (const file of set.file) for (const message of file.messageType) nameForJson(message)
writeFileSync(image, toBinary(FileDescriptorSetSchema, set))
rmSync('src/gen', { recursive: true, force: true })
execFileSync(
  'node_modules/.bin/buf',
  ['generate', image, '--template', join(root, 'tools/generate/planes.buf.gen.yaml')],
  {
    stdio: 'inherit',
  },
)
