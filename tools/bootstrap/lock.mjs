// One set-up at a time in a checkout. The lock is a file that names its holder; a holder that died holds nothing.
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

/** @param {string} file @param {() => Promise<void>} work @param {(sentence: string) => void} [say] */
export async function withLock(file, work, say = console.log) {
  await take(file, say)
  const release = () => rmSync(file, { force: true })
  process.once('exit', release)
  try {
    await work()
  } finally {
    process.off('exit', release)
    release()
  }
}

/** @param {string} file @param {(sentence: string) => void} say */
async function take(file, say) {
  for (let said = false; ; await delay(200)) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' })
      return
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error
    }
    const holder = holderOf(file)
    if (holder === undefined) continue
    if (!isAlive(holder)) breakLock(file, holder)
    else if (!said) {
      say(`another set-up of this folder is running (process ${holder}); waiting for it`)
      said = true
    }
  }
}

/** The process that holds the lock; undefined if it was just released or is just being written. @param {string} file */
function holderOf(file) {
  try {
    return Number(readFileSync(file, 'utf8')) || undefined
  } catch {
    return undefined
  }
}

/** @param {number} pid */
export function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM'
  }
}

/** Moves the dead holder's file away; one of several who try wins. @param {string} file @param {number} holder */
function breakLock(file, holder) {
  const away = `${file}.${process.pid}`
  try {
    renameSync(file, away)
    // Someone may have broken it before us and taken it: what we moved is theirs then, and goes back.
    if (holderOf(away) === holder) rmSync(away)
    else renameSync(away, file)
  } catch {
    // Broken by another.
  }
}
