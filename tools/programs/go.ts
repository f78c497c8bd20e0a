// Builds a program with the pinned Go, into the cache. Modules and objects are cached there too, so that a small change
// costs seconds; the hash of every module is checked against go.sum.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { withLock } from '../bootstrap/lock.mjs'
import { goFromWheel } from '../generate/go-module.ts'
import { addEntry, cacheFolder, findEntry } from './cache.ts'
import { type Output, type Program, type ProgramName, programs, sourcesOf, stampOf } from './programs.ts'

export { programNames } from './programs.ts'

const kind = (name: ProgramName): string => `${name}-${programs[name].version}`

/** The folder of a built program; undefined when it is not built. */
export const findProgram = (name: ProgramName): string | undefined => findEntry(kind(name), stampOf(name))

/** Builds the program unless it is there, and says how long that took. */
export async function buildProgram(name: ProgramName, say: (sentence: string) => void): Promise<string> {
  const found = findProgram(name)
  if (found) return found
  mkdirSync(cacheFolder(), { recursive: true })
  let folder = ''
  await withLock(join(cacheFolder(), 'lock'), async () => {
    folder = findProgram(name) ?? (await compile(name, say))
  })
  return folder
}

async function compile(name: ProgramName, say: (sentence: string) => void): Promise<string> {
  const program: Program = programs[name]
  const startMs = performance.now()
  const folder = await addEntry({ kind: kind(name), stamp: stampOf(name) }, async (target) => {
    for (const [file, output] of Object.entries(program.outputs)) {
      await runGo(compileArguments(output, join(target, file), program.ldflags), sourcesOf(name))
    }
    for (const [file, links] of Object.entries(program.links ?? {})) {
      for (const link of links) symlinkSync(file, join(target, link))
    }
    for (const [copy, { module, folder: from }] of Object.entries(program.copies ?? {})) {
      const source = await runGo(['list', '-m', '-f', '{{.Dir}}', module], sourcesOf(name))
      cpSync(join(source.trim(), from), join(target, copy), { recursive: true })
    }
  })
  say(`built ${kind(name)} in ${((performance.now() - startMs) / 1000).toFixed(0)} s`)
  return folder
}

function compileArguments(output: Output, file: string, ldflags = ''): string[] {
  const verb = output.test ? ['test', '-c'] : ['build']
  return [...verb, '-trimpath', '-ldflags', `-s -w ${ldflags}`, '-o', file, output.package]
}

async function runGo(args: readonly string[], cwd: string): Promise<string> {
  const go = join(cacheFolder(), 'go')
  const env = {
    ...process.env,
    ...{ GOPATH: go, GOMODCACHE: join(go, 'modules'), GOCACHE: join(go, 'build') },
    ...{ GOTOOLCHAIN: 'local', GOWORK: 'off', CGO_ENABLED: '0' },
    GOFLAGS: `-modcacherw -buildvcs=false ${process.env['GOFLAGS'] ?? ''}`,
  }
  // Nice: a build of minutes leaves the machine usable.
  const child = spawn('nice', ['-n', '15', await goFromWheel(), ...args], {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let answer = ''
  child.stdout.on('data', (chunk: Buffer) => {
    answer += String(chunk)
  })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => {
    said += String(chunk)
  })
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0) throw new Error(`go ${args.join(' ')} in ${cwd} failed:\n${said.slice(-3_000)}`)
  return answer
}
