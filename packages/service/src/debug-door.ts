// Who may look inside and turn the log up: whoever shows the token of a file, read with every question, so that another one
// counts at once. Without such a file nobody may: closed is the default, and the answer says what opens it.
import { createHash, timingSafeEqual } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Counter } from '@penstock/telemetry'
import type { FastifyReply, FastifyRequest } from 'fastify'

export interface DebugDoorOptions {
  /** Empty: there is none. */
  readonly tokenFile: string
  /** The variable that names it, for who finds the door closed. */
  readonly tokenVariable: string
  readonly refusals: Counter
}

/** Nobody guesses a token of so many characters that was made by chance. */
const shortestToken = 16

type Refusal = 'closed' | 'missing' | 'wrong'

export type DebugDoor = ReturnType<typeof createDebugDoor>

/** To be asked before a request is answered; it answers itself when the door stays shut. */
export function createDebugDoor({ tokenFile, tokenVariable, refusals }: DebugDoorOptions) {
  return async ({ headers }: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const refuse = (reason: Refusal, status: number, error: string): FastifyReply => {
      refusals.add(1, { reason })
      return reply.code(status).send({ error })
    }
    const token = await readToken(tokenFile)
    if ('problem' in token) {
      return refuse('closed', 403, `closed: ${tokenVariable} ${token.problem}`)
    }
    const shown = /^bearer +(.+)$/i.exec(headers.authorization ?? '')?.[1]
    if (shown !== undefined && isSame(shown.trim(), token.text)) return undefined
    reply.header('www-authenticate', 'Bearer')
    if (shown === undefined) {
      return refuse(
        'missing',
        401,
        `ask with "Authorization: Bearer " and the token in the file that ${tokenVariable} names`,
      )
    }
    return refuse('wrong', 401, `not the token in the file that ${tokenVariable} names`)
  }
}

async function readToken(file: string): Promise<{ text: string } | { problem: string }> {
  if (file === '') return { problem: 'is not set; it names the file with the token to show' }
  try {
    const text = (await readFile(file, 'utf8')).trim()
    return text.length < shortestToken
      ? { problem: `names a file with fewer than ${shortestToken} characters` }
      : { text }
  } catch (thrown) {
    // Its path is nobody's business who has no token.
    return { problem: `names a file that cannot be read (${(thrown as NodeJS.ErrnoException).code ?? 'unreadable'})` }
  }
}

/** As long for every wrong token: hashes of one length are compared whole. */
const isSame = (one: string, other: string): boolean => timingSafeEqual(hash(one), hash(other))
const hash = (text: string): Buffer => createHash('sha256').update(text).digest()
