// Reads docker-compose.yml, and what is laid over it, the way the local stack needs it: the services, in the order of what
// they depend on, each with its `x-local` command. Compose's own syntax: https://docs.docker.com/reference/compose-file/
// (interpolation, merge keys, depends_on, merge of files); what these files do not use is not read.
import { parse, type ScalarTag } from 'yaml'

export interface StackService {
  name: string
  command: readonly string[]
  environment: Readonly<Record<string, string>>
  /** `tcp://host:port`, `http://…` that answers 200, or `exit`: it runs once, before those that depend on it. */
  ready: string
  dependsOn: readonly string[]
}

interface ComposeService {
  depends_on?: Record<string, unknown>
  environment?: Record<string, string | number>
  'x-local'?: { command?: readonly string[]; environment?: Record<string, string | number>; ready?: string }
}

interface ComposeFile {
  services: Record<string, ComposeService | null>
}

/**
 * Services in start order, those of later files laid over the same of earlier ones. `variables` are those of
 * `${NAME:-default}`. Throws where a file lacks something.
 */
export function readCompose(
  texts: readonly string[],
  variables: Readonly<Record<string, string | undefined>>,
): StackService[] {
  const files = texts.map(
    (text) => parse(interpolate(text, variables), { merge: true, customTags: [reset] }) as ComposeFile,
  )
  const services = Object.entries(mergeServices(files)).map(([name, service]): StackService => {
    const local = service['x-local']
    if (!local?.command || !local.ready)
      throw new Error(`docker-compose.yml: service "${name}" has no x-local command and ready`)
    return {
      name,
      command: local.command,
      environment: textValues({ ...service.environment, ...local.environment }),
      ready: local.ready,
      dependsOn: Object.keys(service.depends_on ?? {}),
    }
  })
  return inStartOrder(services)
}

/** `!reset null` takes out what an earlier file has. */
const reset: ScalarTag = { tag: '!reset', resolve: () => null }

function mergeServices(files: readonly ComposeFile[]): Record<string, ComposeService> {
  const services: Record<string, ComposeService> = {}
  for (const [name, service] of files.flatMap((file) => Object.entries(file.services))) {
    const before = services[name]
    if (service === null) delete services[name]
    else services[name] = { ...before, ...service, environment: { ...before?.environment, ...service.environment } }
  }
  return services
}

function interpolate(text: string, variables: Readonly<Record<string, string | undefined>>): string {
  return text.replace(/\$\{(\w+)(?::-([^}]*))?\}/g, (whole, name: string, fallback: string | undefined) => {
    // With a default, empty counts as unset.
    const value = fallback === undefined ? variables[name] : variables[name] || fallback
    if (value === undefined) throw new Error(`docker-compose.yml: ${whole} has no value and no default`)
    return value
  })
}

function textValues(values: Record<string, string | number>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]))
}

function inStartOrder(services: readonly StackService[]): StackService[] {
  const ordered: StackService[] = []
  const visit = (service: StackService, path: readonly string[]): void => {
    if (ordered.includes(service)) return
    if (path.includes(service.name)) throw new Error(`docker-compose.yml: ${[...path, service.name].join(' needs ')}`)
    for (const name of service.dependsOn) {
      const needed = services.find((candidate) => candidate.name === name)
      if (!needed) throw new Error(`docker-compose.yml: "${service.name}" depends on "${name}", which does not exist`)
      visit(needed, [...path, service.name])
    }
    ordered.push(service)
  }
  for (const service of services) visit(service, [])
  return ordered
}
