// The objects of the Gateway API as files of the chart penstock-crds. Sentences about fields are most of them, and the same
// ones stand in both channels and every version: they go into one list, and their place in it stands instead of them.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { gatewayApiFolder } from '../generate/gateway-api-module.ts'

export const channels = ['standard', 'experimental'] as const
export type Channel = (typeof channels)[number]

interface GatewayApiObject {
  readonly kind: string
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> }
}

/** The definitions of a channel as its authors publish them, and the policy that guards their upgrades. */
export async function gatewayApiObjects(channel: Channel): Promise<readonly GatewayApiObject[]> {
  const folder = join(await gatewayApiFolder(), 'config/crd', channel)
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yaml') && name !== 'kustomization.yaml')
    .flatMap((name) => parseAllDocuments(readFileSync(join(folder, name), 'utf8')))
    .map((document) => document.toJS() as GatewayApiObject | null)
    .filter((object) => object !== null)
}

/** Fills the folder, which the templates of the chart read. */
export async function writeGatewayApiFiles(folder: string): Promise<void> {
  const sentences = new Map<string, number>()
  const placeOf = (sentence: string): string => {
    const place = sentences.get(sentence) ?? sentences.size
    sentences.set(sentence, place)
    return `@${place}`
  }
  for (const channel of channels) {
    mkdirSync(join(folder, channel), { recursive: true })
    for (const object of await gatewayApiObjects(channel)) {
      const text = JSON.stringify(withoutSentences(object, placeOf))
      writeFileSync(join(folder, channel, `${object.kind}.${object.metadata.name}.json`), text)
    }
  }
  writeFileSync(join(folder, 'sentences.json'), JSON.stringify([...sentences.keys()]))
}

/** A field can be called `description` too; then it is no text. */
function withoutSentences(value: unknown, placeOf: (sentence: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutSentences(item, placeOf))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, inner]): [string, unknown] => [
    key,
    key === 'description' && typeof inner === 'string' ? placeOf(inner) : withoutSentences(inner, placeOf),
  ])
  return Object.fromEntries(entries)
}
