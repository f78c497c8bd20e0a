// Outages: one class, one table of codes, the one loop with a delay in it.
export { Fault, type FaultCode, faultCodes } from './fault.ts'
export { type RetryOptions, retry } from './retry.ts'
