// What a room counts, read from its source: every instrument is asked for by name, with its sentence and its labels
// written out, so that it can be listed without running anything. One that is written otherwise is an error here.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Instrument {
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly labels: readonly string[]
  readonly help: string
}

const notProduction = /\.(test|fixture|test-data)\.ts$|(^|\/)(rig\.ts|contract|model)/
const call = /\bmeter\s*\.(counter|gauge|histogram)\(/g
const written = /^\s*'(?<name>[a-z0-9_]+)',\s*'(?<help>[^']+)'\s*(?:,(?<rest>[^]*))?$/

/** `folder`: of the room. */
export function instrumentsOf(folder: string): Instrument[] {
  const found: Instrument[] = []
  for (const file of readdirSync(join(folder, 'src'), { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts') || notProduction.test(file)) continue
    const text = readFileSync(join(folder, 'src', file), 'utf8')
    for (const { 0: match, 1: type, index } of text.matchAll(call)) {
      const inside = argumentsAt(text, index + match.length)
      found.push(instrument(type as Instrument['type'], inside, `${folder}/src/${file}`))
    }
  }
  return found
}

function instrument(type: Instrument['type'], inside: string, file: string): Instrument {
  const { name, help, rest = '' } = written.exec(inside)?.groups ?? {}
  if (name === undefined || help === undefined) {
    throw new Error(`${file} has an instrument whose name and sentence are not written out: ${inside.slice(0, 80)}`)
  }
  const [, labels = ''] = (type === 'histogram' ? /labelNames:\s*\[([^\]]*)\]/ : /^\s*\[([^\]]*)\]/).exec(rest) ?? []
  return { name, type, help, labels: [...labels.matchAll(/'([^']+)'/g)].map(([, label = '']) => label) }
}

/** Up to the parenthesis that closes; no sentence has an unpaired one. */
function argumentsAt(text: string, start: number): string {
  let depth = 1
  let end = start
  for (; depth > 0 && end < text.length; end += 1) {
    if (text[end] === '(') depth += 1
    if (text[end] === ')') depth -= 1
  }
  return text.slice(start, end - 1)
}
