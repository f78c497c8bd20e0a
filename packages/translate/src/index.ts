// Gateway API in, neutral records and statuses out.
export type { TranslationSettings } from './graph.ts'
export { createTranslation, type ResourceChange, type Translation, type TranslationOptions } from './translation.ts'
