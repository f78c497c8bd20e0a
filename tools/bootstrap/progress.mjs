// What set-up shows: a line per step with the time it took; what the tools said goes to a log, its end shown on failure.
import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { basename, relative } from 'node:path'
import { logFile } from './places.mjs'
import { signalGroup } from './process-group.mjs'

const shownLines = 25

export function startLog() {
  writeFileSync(logFile, '')
}

/** Names the step, does it, says how long it took. @param {string} name @param {() => Promise<void>} work */
export async function step(name, work) {
  process.stdout.write(`${name} … `)
  await finish(work, performance.now())
}

/** As `step`, but silent if it is done within half a second. @param {string} name @param {() => Promise<void>} work */
export async function quickly(name, work) {
  const startMs = performance.now()
  let named = false
  const timer = setTimeout(() => {
    named = true
    process.stdout.write(`${name} … `)
  }, 500)
  const running = work().finally(() => clearTimeout(timer))
  await running.catch(() => {})
  if (named) await finish(() => running, startMs)
  else await running
}

/** @param {() => Promise<void>} work @param {number} startMs */
async function finish(work, startMs) {
  try {
    await work()
    console.log(`${((performance.now() - startMs) / 1000).toFixed(1)} s`)
  } catch (error) {
    console.log('failed')
    throw error
  }
}

/**
 * Runs a program, its output to the log. A signal that reaches us ends it first, then us.
 * @param {string} command @param {readonly string[]} args
 * @param {{ cwd: string, env?: NodeJS.ProcessEnv }} options
 */
export async function runLogged(command, args, options) {
  const from = statSync(logFile).size
  const log = openSync(logFile, 'a')
  // A process group of its own: what reaches us is passed on to all of it, as a shim's own child hears nothing.
  const child = spawn(command, args, { ...options, stdio: ['ignore', log, log], detached: true })
  closeSync(log)
  /** @type {NodeJS.Signals | undefined} */
  let stoppedBy
  /** @param {NodeJS.Signals} signal */
  const stop = (signal) => {
    stoppedBy = signal
    signalGroup(child.pid, signal)
  }
  const signals = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])
  for (const signal of signals) process.on(signal, stop)
  const ending = await new Promise((resolve) => {
    child.once('error', () => resolve('is it installed, and on the PATH?'))
    child.once('close', (code, signal) => resolve(code === 0 ? undefined : (signal ?? `exit code ${code}`)))
  })
  for (const signal of signals) process.off(signal, stop)
  if (stoppedBy) process.exit(128 + constants.signals[stoppedBy])
  if (ending === undefined) return
  const shown = [basename(command), ...args.slice(0, 3)].join(' ')
  const said = readFileSync(logFile).subarray(from).toString().trimEnd().split('\n').slice(-shownLines).join('\n')
  throw new Error(`${said}\n\n${shown} failed (${ending}). The whole log: ${relative('.', logFile)}`)
}
