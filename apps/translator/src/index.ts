// For tests that run the service in process.
export { startTranslator, type Translator, type TranslatorOptions } from './start.ts'
