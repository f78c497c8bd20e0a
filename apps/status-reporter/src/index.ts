// For tests that run the service in process.
export { type StatusReporterOptions, startStatusReporter } from './start.ts'
