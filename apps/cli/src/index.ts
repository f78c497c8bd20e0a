// For the charts and the tests: who alone may know what.
export { type SecretFiles, secretServices, secretTable } from './secrets/secret-table.ts'
