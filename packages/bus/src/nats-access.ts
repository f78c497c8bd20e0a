// How a service gets in at NATS: by a password or by credentials. Their files are read on every connect, so that new ones are
// taken up without a restart.
import { readFileSync } from 'node:fs'
import { type Authenticator, credsAuthenticator, usernamePasswordAuthenticator } from '@nats-io/transport-node'
import { Fault } from '@penstock/fault'
import type { BusEvents } from './events.ts'

export interface NatsUser {
  user?: string
  password?: string
  /** Instead of `password`; waited for where it is not there. */
  passwordFile?: string
  /** Instead of a user; has to be there. */
  credentialsFile?: string
}

/** Throws where there are no credentials to begin with. */
export function authenticatorOf(access: NatsUser, events: BusEvents): Authenticator | undefined {
  const { user, password = '', passwordFile, credentialsFile } = access
  if (credentialsFile !== undefined) {
    const read = (): Authenticator => readCredentials(credentialsFile)
    const latest = latestOf(read, read(), events)
    return (nonce) => latest()(nonce)
  }
  if (user === undefined) return undefined
  if (passwordFile === undefined) return usernamePasswordAuthenticator(user, password)
  const latest = latestOf(() => readPassword(passwordFile), '', events)
  return usernamePasswordAuthenticator(user, latest)
}

/** What was read before may still be right; NATS has the last word, and the file is read again for the next try. */
function latestOf<T>(read: () => T, first: T, events: BusEvents): () => T {
  let latest = first
  let unread = false
  return () => {
    try {
      latest = read()
      unread = false
    } catch (thrown) {
      const say = unread ? events.faultAgain : events.fault
      unread = true
      say(Fault.from(thrown))
    }
    return latest
  }
}

function readPassword(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (cause) {
    throw new Fault('setting_invalid', `the password at NATS: ${(cause as Error).message}`, { cause })
  }
}

function readCredentials(file: string): Authenticator {
  try {
    const authenticator = credsAuthenticator(readFileSync(file))
    // To have it parsed: on a connection it would end that for good.
    authenticator('')
    return authenticator
  } catch (cause) {
    throw new Fault('setting_invalid', `the credentials at NATS, ${file}: ${(cause as Error).message}`, { cause })
  }
}
