// A service's settings: one table, read once at start, frozen, printed redacted. Nobody else reads `process.env`.
import { Fault } from '@penstock/fault'

export interface Setting<T> {
  readonly env: `PENSTOCK_${string}`
  /** Throws an error whose message completes "expected …". */
  parse(text: string): T
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

type Environment = Readonly<Record<string, string | undefined>>

/** An empty variable counts as absent. Every unusable setting is named in the one fault. */
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
      wrong.push(`${setting.env} is ${setting.secret ? 'unusable' : JSON.stringify(text)}, expected ${expected}`)
    }
  }
  if (wrong.length > 0) throw new Fault('setting_invalid', wrong.join('; '))
  return Object.freeze(config as C)
}

/** What is in force, by variable, fit for a log. */
export function redactSettings<C>(table: SettingsTable<C>, config: Readonly<C>): Record<string, unknown> {
  const shown = (name: keyof C): unknown =>
    table[name].secret && config[name] !== undefined ? '(secret)' : (config[name] ?? null)
  return Object.fromEntries(namesOf(table).map((name) => [table[name].env, shown(name)]))
}

function namesOf<C>(table: SettingsTable<C>): (keyof C)[] {
  return Object.keys(table) as (keyof C)[]
}
