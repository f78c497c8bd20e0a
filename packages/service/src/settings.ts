// A service's settings: one table, read once at start, frozen, printed redacted. Nobody else reads `process.env`,
// but `kube` for where the kubelet says that the API server is.
import { hostname } from 'node:os'
import { Fault } from '@penstock/fault'
import { editDistance } from './edit-distance.ts'
import { type Parser, text } from './parse.ts'

export interface Setting<T> {
  readonly env: `PENSTOCK_${string}`
  readonly parse: Parser<T>
  /** A setting without this property is required; `undefined` makes it optional. */
  readonly default?: T
  /** The default in words, where it is another on each machine. */
  readonly defaultMeans?: string
  /** One sentence for the documentation. */
  readonly sentence: string
  /** Never printed. */
  readonly secret?: true
}

export type SettingsTable<C> = { readonly [Name in keyof C]: Setting<C[Name]> }

/** Of every service of which several replicas tell the others about themselves. */
export const instanceSetting: Setting<string> = {
  env: 'PENSTOCK_INSTANCE',
  parse: text,
  default: hostname(),
  defaultMeans: "the machine's name",
  sentence: 'The name of this replica, unlike that of any other.',
}

type Environment = Readonly<Record<string, string | undefined>>

/**
 * An empty variable counts as absent. Every unusable setting is named in the one fault, and every variable that is
 * nearly the name of a setting.
 */
export function readSettings<C>(table: SettingsTable<C>, env: Environment): Readonly<C> {
  const wrong: string[] = []
  const config: Partial<C> = {}
  for (const name of namesOf(table)) {
    const setting = table[name]
    const text = env[setting.env]
    try {
      if (text) config[name] = setting.parse(text)
      else if (Object.hasOwn(setting, 'default')) config[name] = setting.default
      else wrong.push(`${setting.env} is not set (${setting.sentence})`)
    } catch (thrown) {
      const expected = thrown instanceof Error ? thrown.message : String(thrown)
      const shown = setting.secret ? 'unusable' : JSON.stringify(withoutUsers(text))
      wrong.push(`${setting.env} is ${shown}, expected ${expected}`)
    }
  }
  wrong.push(...misspelt(table, env))
  if (wrong.length > 0) throw new Fault('setting_invalid', wrong.join('; '))
  return Object.freeze(config as C)
}

const ours = 'PENSTOCK_'
/** Further from every name it is no mistyped one: variables of other services, and those that Kubernetes sets, pass. */
const typoDistance = 2

function misspelt<C>(table: SettingsTable<C>, env: Environment): string[] {
  const known = namesOf(table).map((name): string => table[name].env)
  const strange = Object.keys(env).filter((variable) => variable.startsWith(ours) && !known.includes(variable))
  return strange.sort().flatMap((variable) => {
    const near = known.map((name) => ({ name, distance: editDistance(variable, name) }))
    const [nearest] = near.sort((a, b) => a.distance - b.distance)
    if (nearest === undefined || nearest.distance > typoDistance) return []
    return [`${variable} is no setting, ${nearest.name} is`]
  })
}

/** What is in force, by variable, fit for a log. */
export function redactSettings<C>(table: SettingsTable<C>, config: Readonly<C>): Record<string, unknown> {
  const shown = (name: keyof C): unknown =>
    table[name].secret && config[name] !== undefined ? '(secret)' : withoutUsers(config[name] ?? null)
  return Object.fromEntries(namesOf(table).map((name) => [table[name].env, shown(name)]))
}

/** An address may say who asks, with a password: `nats://me:secret@server`. */
const withoutUsers = (value: unknown): unknown =>
  typeof value === 'string' ? value.replace(/(?<=\/\/)[^/,\s]+@/g, '(secret)@') : value

function namesOf<C>(table: SettingsTable<C>): (keyof C)[] {
  return Object.keys(table) as (keyof C)[]
}
