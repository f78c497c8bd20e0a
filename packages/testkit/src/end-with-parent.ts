// What tests start must never outlive them, even when they are killed.
import { type ChildProcess, spawn } from 'node:child_process'

/** Kills `pid` as soon as this process is gone: its death closes the pipe. End the returned guard when `pid` has ended. */
export function endWithParent(pid: number): ChildProcess {
  const script = 'read -r _; kill -9 "$0" 2>/dev/null'
  const guard = spawn('/bin/sh', ['-c', script, String(pid)], { stdio: ['pipe', 'ignore', 'ignore'], detached: true })
  guard.unref()
  return guard
}
