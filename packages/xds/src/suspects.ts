// Finding the guilty among the resources of a refused response.
import type { Batch } from './stored-resource.ts'

/** Two parts: the names that the proxy's message mentions and the rest; or two halves when that tells nothing. */
export function divideSuspects(suspects: Batch, message: string): [Batch, Batch] {
  const entries = [...suspects]
  const named = entries.filter(([name]) => mentions(message, name))
  if (named.length > 0 && named.length < entries.length) {
    return [new Map(entries.filter(([name]) => !mentions(message, name))), new Map(named)]
  }
  const half = Math.ceil(entries.length / 2)
  return [new Map(entries.slice(0, half)), new Map(entries.slice(half))]
}

/** Whether the name stands in the message as a word of its own. */
export function mentions(message: string, name: string): boolean {
  for (let at = message.indexOf(name); at >= 0; at = message.indexOf(name, at + 1)) {
    if (!isNameCharacter(message[at - 1]) && !isNameCharacter(message[at + name.length])) return true
  }
  return false
}

const isNameCharacter = (character: string | undefined): boolean =>
  character !== undefined && /[\w./~-]/.test(character)
