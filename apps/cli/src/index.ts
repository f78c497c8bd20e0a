// For the charts and the tests: who alone may know what, and what names may be.
export { sealingKeyNamePattern } from './secrets/sealing-keys.ts'
export { type SecretFiles, secretServices, secretTable } from './secrets/secret-table.ts'
export { serverNamePattern } from './server-name.ts'
