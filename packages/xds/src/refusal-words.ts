// Why a proxy refuses something, in its own words, fit to be told to the owner of what it refuses.

const maxLength = 2_000

/**
 * Envoy prints the whole resource before the reason when a field of it breaks a rule: too long to be read, and it holds
 * what others have in the same resource, perhaps a header with a password.
 */
export function refusalWords(message: string): string {
  return message.replace(printed, '').trim().slice(0, maxLength)
}

/** It begins with the mark of Protocol Buffers for texts that no program should read. The reason is behind its last line. */
const printed = /goo\.gle\/debug(?:[^]*\n: |[^]*$)/
