// Gateway API in, neutral records and statuses out.
export { supportedFeatures } from './features.ts'
export type { HeldKeys, HeldOutputs } from './held.ts'
export type { TranslationSettings } from './settings.ts'
export { createTranslation, type ResourceChange, type Translation, type TranslationOptions } from './translation.ts'
