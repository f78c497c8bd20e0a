// Waits until a service of the stack can be used.
import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { StackProcess } from './stack-process.ts'

const pollMs = 50

/** Resolves when the service is ready; rejects when it ends before, when `deadlineMs` passed, or with the signal. */
export async function waitUntilReady(process: StackProcess, deadlineMs: number, signal: AbortSignal): Promise<void> {
  const { name, ready } = process.service
  if (ready === 'exit') return finished(process)
  const until = Date.now() + deadlineMs
  let answer = 'no answer'
  while (Date.now() < until) {
    signal.throwIfAborted()
    if (!process.running) {
      const { code, signal: cause } = await process.ended
      throw new Error(
        `${name} ended (${cause ?? `exit code ${code}`}) before it was ready; its log: ${process.logFile}`,
      )
    }
    answer = await probe(ready)
    if (answer === 'ready') return
    await delay(pollMs)
  }
  throw new Error(
    `${name} was not ready after ${deadlineMs / 1_000} s: ${ready} said ${answer}; its log: ${process.logFile}`,
  )
}

async function finished(process: StackProcess): Promise<void> {
  const { code } = await process.ended
  if (code !== 0) throw new Error(`${process.service.name} failed with exit code ${code}; its log: ${process.logFile}`)
}

async function probe(target: string): Promise<string> {
  const url = new URL(target)
  if (url.protocol === 'tcp:') return (await accepts(url.hostname, Number(url.port))) ? 'ready' : 'no connection'
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) })
    const body = await response.text()
    return response.ok ? 'ready' : `${response.status} ${body}`
  } catch {
    return 'no connection'
  }
}

/** Whether something accepts connections there. */
export function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port })
    const answer = (value: boolean): void => {
      socket.destroy()
      resolve(value)
    }
    socket.once('connect', () => answer(true))
    socket.once('error', () => answer(false))
  })
}
