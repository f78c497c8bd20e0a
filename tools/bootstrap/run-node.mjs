// Runs something with the pinned Node, as if it had been started in our place: terminal, signals and exit code are its own.
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { environment, nodeCommand } from './places.mjs'
import { signalGroup } from './process-group.mjs'

/**
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, kill?: AbortSignal }} [options] `kill` ends it and all it started
 * @returns {Promise<number>} the exit code, 128 + the signal's number if a signal ended it
 */
export async function runNode(args, { kill, ...options } = {}) {
  // A process group of its own, so that Ctrl-C comes here alone and is passed on once: npm passes it on as well, and the
  // terminal tells everyone, so the child would hear it three times.
  const child = spawn(nodeCommand(), args, {
    ...options,
    env: { ...environment(), ...options.env },
    stdio: 'inherit',
    detached: true,
  })
  let lastMs = -Infinity
  /** @param {NodeJS.Signals} signal */
  const forward = (signal) => {
    if (performance.now() - lastMs < 500) return
    lastMs = performance.now()
    child.kill(signal)
  }
  kill?.addEventListener('abort', () => signalGroup(child.pid, 'SIGKILL'))
  const signals = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'])
  for (const signal of signals) process.on(signal, forward)
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)))
    })
  } finally {
    for (const signal of signals) process.off(signal, forward)
  }
}
