// The rules of the house that no other tool checks, as data: who may import whom, names, and words kept in one place.
// Sizes, `any`, promises and default exports are oxlint's: see .oxlintrc.json.

/** What a room may import of the workspace; `*` is everything. Layers: docs/architecture.md. */
export const mayImport: Readonly<Record<string, readonly string[] | '*'>> = {
  // The ground: knows nothing of anything, nor of each other.
  'packages/incremental': [],
  'packages/gateway-api': [],
  'packages/ir': [],
  'packages/fault': [],
  'packages/telemetry': [],
  // Who a proxy is, issued and read; no door, though servers and clients show it at one.
  'packages/identity': ['fault', 'telemetry'],
  // The four doors to the outside, which do not import one another.
  'packages/bus': ['ir', 'fault', 'telemetry'],
  'packages/kube': ['gateway-api', 'fault', 'telemetry'],
  'packages/xds': ['fault', 'telemetry'],
  'packages/service': ['fault', 'telemetry'],
  // The rules of the Gateway API, and the shapes of the data planes: pure, and apart from one another.
  'packages/translate': ['incremental', 'gateway-api', 'ir'],
  'packages/plane-envoy': ['incremental', 'ir'],
  'packages/plane-agentgateway': ['incremental', 'ir'],
  'packages/plane-pingora': ['incremental', 'ir'],
  // What servers of proxies have in common: every door but the API server's, and no plane.
  'packages/delivery': ['bus', 'xds', 'service', 'identity', 'incremental', 'ir', 'fault', 'telemetry'],
  // Tests only.
  'packages/testkit': '*',
  golden: '*',
  e2e: '*',
  // The stack and the set-up need none; docs/reference is made from everything.
  tools: '*',
}

/** An app may import every package but testkit, and no other app. */
export const appMayImport = { folder: 'packages/', except: ['testkit'] } as const

/** Heavy modules that one room alone may use, so that the rest depends on our own words for it. */
export const onlyIn: readonly { readonly module: RegExp; readonly room: string; readonly what: string }[] = [
  { module: /^@nats-io\//, room: 'packages/bus', what: 'NATS' },
  { module: /^@grpc\//, room: 'packages/xds', what: 'gRPC' },
  { module: /^(fastify|pino|prom-client)$/, room: 'packages/service', what: 'the HTTP server, logs and metrics' },
  { module: /^(@peculiar\/x509|jose)$/, room: 'packages/identity', what: 'certificates and tokens' },
  { module: /^@kubernetes\/client-node$/, room: 'packages/kube', what: 'the Kubernetes client' },
]

/** Modules for tests. */
export const testModules: readonly string[] = ['@penstock/testkit', '@jest/globals', 'fast-check']

/** Files that only tests use: tests, their data, their rigs, and suites that several implementations share. */
export const testFiles: readonly RegExp[] = [
  /\.test\.ts$/,
  /\.test-data\.ts$/,
  /(^|\/)rig\.ts$/,
  /(^|\/)contract(\.ts|\/)/,
  /^packages\/bus\/src\/model\//,
  /^(golden|e2e|packages\/testkit)\//,
]

/** Names that say nothing of what is inside. */
export const emptyNames: readonly string[] = [
  ...['utils', 'util', 'helpers', 'helper', 'common', 'shared', 'misc', 'base'],
  ...['manager', 'lib', 'types', 'type', 'interfaces', 'constants', 'impl'],
]

/** The same as the last word of a name. */
export const emptyEndings: readonly string[] = ['utils', 'util', 'helpers', 'helper', 'misc', 'manager', 'impl']

/** Names that are right all the same: a service of ours, and the name Envoy itself gives to a filter. */
export const goodNames: readonly string[] = ['infra-manager', 'connection-manager']

/** Words that have one home each. `but` names the files that may use them, with the reason. */
export const keptWords: readonly {
  readonly words: RegExp
  readonly where: RegExp
  readonly but: readonly { readonly files: RegExp; readonly reason: string }[]
  readonly sentence: string
}[] = [
  {
    words: /\bprocess\.env\b/,
    where: /^(packages|apps)\//,
    but: [
      { files: /^packages\/service\/src\/run\.ts$/, reason: 'reads the settings table once, at start' },
      { files: /^packages\/kube\/src\/in-cluster\.ts$/, reason: 'the kubelet says there where its API server is' },
    ],
    sentence: 'settings come from the table that packages/service reads, never from process.env',
  },
  {
    words: /\bDate\.now\(|\bnew Date\(\)/,
    where: /^packages\/(?!service\/)/,
    but: [{ files: /^packages\/bus\/src\/clock\.ts$/, reason: 'the clock that everything else there is given' }],
    sentence: 'time is passed in (`nowMs`), so that tests and replays own it',
  },
  {
    words: /^\s*export \*/,
    where: /./,
    but: [],
    sentence: 'exports are named one by one, so that a reader sees what is public',
  },
]

/** Dependencies that are used without an import. */
export const toolDependencies: readonly string[] = ['typescript', 'ts-proto', '@bufbuild/buf']
