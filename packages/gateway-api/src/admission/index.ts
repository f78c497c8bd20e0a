// Admission as the API server does it. An entry of its own: only who admits documents pays for CEL and the schemas.
export { type Admission, type AdmitOptions, type Admitted, createAdmission } from './admission.ts'
export { type Crd, crdsOfGatewayApi, definitionOf } from './definition.ts'
export type { Refusal } from './refusal.ts'
export type { Schema } from './schema.ts'
