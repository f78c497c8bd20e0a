// What a person sees of the services' logs: the few events that answer an edit, and what went wrong.

const colours = [36, 33, 35, 32, 34, 96, 93, 95]
const quiet = new Set(['trace', 'debug', 'info'])
/** What NATS and Envoy mark a line with that somebody should read. */
const plainTrouble = /\[(WRN|ERR|FTL|warning|error|critical)\]/
/** Of NATS at every start: its passwords are random, in a file that only its owner can read. */
const plainCalm = /\[WRN\] Plaintext passwords detected/
const framing = new Set(['level', 'time', 'svc', 'msg', 'component'])

export interface Console {
  colour: boolean
  /** Show info lines too. */
  verbose: boolean
  write(line: string): void
}

/** Of our own services' lines: text and numbers. */
type Fields = Readonly<Record<string, string | number | boolean | undefined>>

/** The line to show for a service's log line, or undefined. `index` picks the service's colour. */
export function showLine(line: string, service: { name: string; index: number }, to: Console): string | undefined {
  const prefix = paint(service.name.padEnd(15), colours[service.index % colours.length] ?? 37, to)
  const fields = readEvent(line)
  const isTrouble = plainTrouble.test(line) && !plainCalm.test(line)
  if (!fields) return to.verbose || isTrouble ? `${prefix} ${line}` : undefined
  const answer = answers[String(fields.msg)]?.(fields)
  if (answer) return paint(answer.text, answer.good ? 32 : 31, to)
  const level = String(fields.level)
  if (quiet.has(level) && !to.verbose) return undefined
  return `${prefix} ${level} ${String(fields.msg)} ${rest(fields)}`.trimEnd()
}

interface Answer {
  text: string
  good: boolean
}

/** The events that answer an edit, each as one line. */
const answers: Readonly<Record<string, (fields: Fields) => Answer>> = {
  live: (f) => ({ text: `live ${objectName(f)} ${f.ms} ms`, good: true }),
  gone: (f) => ({ text: `gone ${objectName(f)} ${f.ms} ms`, good: true }),
  held: (f) => ({ text: `held ${f.objects}: ${f.file} ${f.reason}`, good: false }),
  refused: (f) => ({ text: `refused ${f.file}:${f.line} ${f.path ? `${f.path}: ` : ''}${f.reason}`, good: false }),
  proxy_serves: (f) => ({ text: `serves ${objectName(f)} ${servedAt(f)}`, good: true }),
  accepted: (f) => ({ text: `accepted ${f.file}`, good: true }),
  not_served: (f) => ({ text: `ignored ${objectName(f)}: ${f.reason}`, good: false }),
  condition: (f) => ({
    text: `problem ${objectName(f)} ${f.type}=${f.status} ${f.reason}: ${f.message}`,
    good: false,
  }),
  condition_recovered: (f) => ({ text: `recovered ${objectName(f)}`, good: true }),
}

const servedAt = ({ address, ports }: Fields): string =>
  `${ports}`
    .split(',')
    .map((port) => `${address}:${port}`)
    .join(' ')

function objectName(fields: Fields): string {
  return `${fields.kind} ${fields.namespace ? `${fields.namespace}/` : ''}${fields.name}`
}

/** Undefined: not a line of ours. */
export function readEvent(line: string): Fields | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    return JSON.parse(line) as Fields
  } catch {
    return undefined
  }
}

function rest(fields: Fields): string {
  return Object.entries(fields)
    .filter(([name]) => !framing.has(name))
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ')
}

function paint(text: string, colour: number, to: Console): string {
  return to.colour ? `\u001b[${colour}m${text}\u001b[0m` : text
}
