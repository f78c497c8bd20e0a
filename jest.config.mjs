import { availableParallelism } from 'node:os'

// One run over the whole tree. Workspace packages resolve to their sources (the "source" condition of their
// exports), so a test never meets a stale build; the services that end-to-end tests start run from dist.
export default {
  // Tests here start real proxies and servers, so a core stays free for them.
  maxWorkers: Math.max(1, Math.min(4, availableParallelism() - 1)),
  rootDir: '.',
  testMatch: ['<rootDir>/{packages,apps,golden,e2e,tools}/**/*.test.ts'],
  // Of the charts: `npm run test:charts`.
  testPathIgnorePatterns: ['/node_modules/', '/dist/', '<rootDir>/e2e/charts/'],
  modulePathIgnorePatterns: ['/dist/', '<rootDir>/.penstock/'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2023', parser: { syntax: 'typescript' } }, module: { type: 'es6' } },
    ],
  },
  // The last stop: what a test waits for has a deadline of its own, and a busy machine is no failure.
  testTimeout: 60_000,
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['source', 'node', 'import', 'default'] },
  injectGlobals: false,
}
