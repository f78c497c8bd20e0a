// The words of Envoy's access logs: texts with commands such as `%REQ(:METHOD)%`. A listener whose log has a word that Envoy
// does not know is refused as a whole, so a format is judged before. Commands and their forms are those that Envoy 1.40 takes
// (e2e/plane-envoy asks the real one); what could hide a mistake of its own, such as %CEL(…)%, is not among them.

interface Form {
  /** What stands in parentheses; unset: nothing may. */
  readonly parameters?: RegExp
  /** Not without them. */
  readonly isBound?: true
  /** `:<length>` may follow. */
  readonly hasLength?: true
}

const header = /^:?[-\w.]+(\?:?[-\w.]+)?$/
const path = /^[^()%]+$/
/** As of strftime. */
const time = /^(?:[^()%\r\n]|%[A-Za-z0-9*%])*$/

const bare = [
  'ACCESS_LOG_TYPE BYTES_RECEIVED BYTES_RETRANSMITTED BYTES_SENT CONNECTION_ID CONNECTION_TERMINATION_DETAILS',
  'CUSTOM_FLAGS DOWNSTREAM_CX_RTT DOWNSTREAM_DECOMPRESSED_HEADER_BYTES_SENT DOWNSTREAM_DETECTED_CLOSE_TYPE',
  'DOWNSTREAM_DIRECT_LOCAL_ADDRESS DOWNSTREAM_DIRECT_LOCAL_ADDRESS_ENDPOINT_ID DOWNSTREAM_DIRECT_LOCAL_PORT',
  'DOWNSTREAM_DIRECT_REMOTE_ADDRESS DOWNSTREAM_DIRECT_REMOTE_PORT DOWNSTREAM_HANDSHAKE_DURATION',
  'DOWNSTREAM_HEADER_BYTES_RECEIVED DOWNSTREAM_HEADER_BYTES_SENT DOWNSTREAM_LOCAL_ADDRESS',
  'DOWNSTREAM_LOCAL_ADDRESS_ENDPOINT_ID DOWNSTREAM_LOCAL_CLOSE_REASON DOWNSTREAM_LOCAL_DNS_SAN',
  'DOWNSTREAM_LOCAL_EMAIL_SAN DOWNSTREAM_LOCAL_IP_SAN DOWNSTREAM_LOCAL_OTHERNAME_SAN DOWNSTREAM_LOCAL_PORT',
  'DOWNSTREAM_LOCAL_SUBJECT DOWNSTREAM_LOCAL_URI_SAN DOWNSTREAM_PEER_CERT DOWNSTREAM_PEER_CHAIN_FINGERPRINTS_1',
  'DOWNSTREAM_PEER_CHAIN_FINGERPRINTS_256 DOWNSTREAM_PEER_CHAIN_SERIALS DOWNSTREAM_PEER_DNS_SAN',
  'DOWNSTREAM_PEER_EMAIL_SAN DOWNSTREAM_PEER_FINGERPRINT_1 DOWNSTREAM_PEER_FINGERPRINT_256 DOWNSTREAM_PEER_IP_SAN',
  'DOWNSTREAM_PEER_ISSUER DOWNSTREAM_PEER_ISSUER_FINGERPRINT_256 DOWNSTREAM_PEER_ISSUER_SERIAL',
  'DOWNSTREAM_PEER_OTHERNAME_SAN DOWNSTREAM_PEER_SERIAL DOWNSTREAM_PEER_SUBJECT DOWNSTREAM_PEER_URI_SAN',
  'DOWNSTREAM_REMOTE_ADDRESS DOWNSTREAM_REMOTE_PORT DOWNSTREAM_TLS_CIPHER DOWNSTREAM_TLS_GROUP',
  'DOWNSTREAM_TLS_SESSION_ID DOWNSTREAM_TLS_VERSION DOWNSTREAM_TRANSPORT_FAILURE_REASON',
  'DOWNSTREAM_WIRE_BYTES_RECEIVED DOWNSTREAM_WIRE_BYTES_SENT DURATION FILTER_CHAIN_NAME GRPC_STATUS_NUMBER',
  'HOSTNAME LISTENER_NAME LOCAL_REPLY_BODY PACKETS_RETRANSMITTED PROTOCOL REQUEST_DURATION REQUEST_HEADERS_BYTES',
  'REQUEST_TX_DURATION RESPONSE_CODE RESPONSE_DURATION RESPONSE_FLAGS RESPONSE_FLAGS_LONG RESPONSE_HEADERS_BYTES',
  'RESPONSE_TRAILERS_BYTES RESPONSE_TX_DURATION ROUTE_NAME ROUTE_RESOLUTION_COUNT ROUTE_RESOLUTION_TIME_US',
  'SPAN_ID STREAM_ID TLS_JA3_FINGERPRINT TLS_JA4_FINGERPRINT TRACE_ID UNIQUE_ID UPSTREAM_CLUSTER',
  'UPSTREAM_CLUSTER_RAW UPSTREAM_CONNECTION_ID UPSTREAM_CONNECTION_IDS_ATTEMPTED',
  'UPSTREAM_CONNECTION_POOL_READY_DURATION UPSTREAM_DECOMPRESSED_HEADER_BYTES_RECEIVED',
  'UPSTREAM_DECOMPRESSED_HEADER_BYTES_SENT UPSTREAM_DETECTED_CLOSE_TYPE UPSTREAM_HEADER_BYTES_RECEIVED',
  'UPSTREAM_HEADER_BYTES_SENT UPSTREAM_HOST UPSTREAM_HOSTS_ATTEMPTED UPSTREAM_HOSTS_ATTEMPTED_WITHOUT_PORT',
  'UPSTREAM_HOST_NAME UPSTREAM_HOST_NAMES_ATTEMPTED UPSTREAM_HOST_NAMES_ATTEMPTED_WITHOUT_PORT',
  'UPSTREAM_HOST_NAME_WITHOUT_PORT UPSTREAM_LOCAL_ADDRESS UPSTREAM_LOCAL_CLOSE_REASON UPSTREAM_LOCAL_DNS_SAN',
  'UPSTREAM_LOCAL_IP_SAN UPSTREAM_LOCAL_PORT UPSTREAM_LOCAL_URI_SAN UPSTREAM_PEER_CERT UPSTREAM_PEER_DNS_SAN',
  'UPSTREAM_PEER_IP_SAN UPSTREAM_PEER_ISSUER UPSTREAM_PEER_SUBJECT UPSTREAM_PEER_URI_SAN UPSTREAM_PROTOCOL',
  'UPSTREAM_REMOTE_ADDRESS UPSTREAM_REMOTE_ADDRESS_ENDPOINT_ID UPSTREAM_REMOTE_PORT',
  'UPSTREAM_REQUEST_ATTEMPT_COUNT UPSTREAM_SERVER_NAME UPSTREAM_TLS_CIPHER UPSTREAM_TLS_GROUP',
  'UPSTREAM_TLS_SESSION_ID UPSTREAM_TLS_VERSION UPSTREAM_TRANSPORT_FAILURE_REASON UPSTREAM_WIRE_BYTES_RECEIVED',
  'UPSTREAM_WIRE_BYTES_SENT VIRTUAL_CLUSTER_NAME',
].flatMap((line) => line.split(' '))

const headers = ['REQ', 'RESP', 'TRAILER', 'REQUEST_HEADER', 'RESPONSE_HEADER', 'RESPONSE_TRAILER']
const times = ['START_TIME', 'START_TIME_LOCAL', 'EMIT_TIME', 'EMIT_TIME_LOCAL'].concat(
  ['DOWNSTREAM', 'UPSTREAM'].flatMap((side) => [`${side}_PEER_CERT_V_START`, `${side}_PEER_CERT_V_END`]),
)
const addresses = [
  'DOWNSTREAM_DIRECT_LOCAL',
  'DOWNSTREAM_LOCAL',
  'DOWNSTREAM_REMOTE',
  'UPSTREAM_LOCAL',
  'UPSTREAM_REMOTE',
]

const forms: ReadonlyMap<string, Form> = new Map<string, Form>([
  ...bare.map((name): [string, Form] => [name, {}]),
  ...headers.map((name): [string, Form] => [name, { parameters: header, isBound: true, hasLength: true }]),
  ...times.map((name): [string, Form] => [name, { parameters: time }]),
  ...addresses.map((name): [string, Form] => [`${name}_ADDRESS_WITHOUT_PORT`, { parameters: /^\d{1,3}$/ }]),
  ['CLUSTER_METADATA', { parameters: path, isBound: true }],
  ['COMMON_DURATION', { parameters: /^[A-Z_]+:[A-Z_]+:(ms|us|ns)$/, isBound: true }],
  ['DYNAMIC_METADATA', { parameters: path, isBound: true, hasLength: true }],
  ['ENVIRONMENT', { parameters: /^\w+$/, isBound: true, hasLength: true }],
  ['FILTER_STATE', { parameters: /^[-\w.]+(:(PLAIN|TYPED))?$/, isBound: true, hasLength: true }],
  ['GRPC_STATUS', { parameters: /^(CAMEL_STRING|SNAKE_STRING|NUMBER)$/ }],
  ['METADATA', { parameters: /^(DYNAMIC|CLUSTER|ROUTE|UPSTREAM_HOST|LISTENER|VIRTUAL_HOST):[^()%]+$/, isBound: true }],
  ['PATH', { parameters: /^(WQ|NQ)$/, hasLength: true }],
  ['QUERY_PARAM', { parameters: /^[-\w.]+$/, isBound: true, hasLength: true }],
  ['QUERY_PARAMS', { parameters: /^(ORIG|DECODED)$/, hasLength: true }],
  ['REQUESTED_SERVER_NAME', { parameters: /^(SNI_ONLY|SNI_FIRST|HOST_FIRST)$/ }],
  ['RESPONSE_CODE_DETAILS', { parameters: /^ALLOW_WHITESPACES$/ }],
  ['UPSTREAM_FILTER_STATE', { parameters: /^[-\w.]+(:(PLAIN|TYPED))?$/, isBound: true, hasLength: true }],
  ['UPSTREAM_METADATA', { parameters: path, isBound: true }],
])

/** Those that are known, sorted. */
export const accessLogCommands: readonly string[] = [...forms.keys()].sort()

const command = /^%([A-Z0-9_]+)(?:\((.*?)\))?(?::(\d{1,6}))?%/

/** Why Envoy would refuse the text. */
export function formatProblem(text: string): string | undefined {
  for (let at = text.indexOf('%'); at >= 0; at = text.indexOf('%', at)) {
    if (text[at + 1] === '%') {
      at += 2
      continue
    }
    const [whole, name = '', parameters, length] = command.exec(text.slice(at)) ?? []
    if (whole === undefined) return `"${text.slice(at, at + 20)}" begins no command, and a percent sign is written "%%"`
    const form = forms.get(name)
    if (form === undefined) return `it knows no command ${name}`
    if (form.isBound && !parameters) return `${name} needs what stands in parentheses`
    if (parameters !== undefined && form.parameters?.test(parameters) !== true)
      return `${name} cannot have "(${parameters})"`
    if (length !== undefined && !form.hasLength) return `${name} cannot have a length`
    at += whole.length
  }
  return undefined
}
