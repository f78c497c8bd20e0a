// The one key codec (ADR 0004). A key is a text of tokens joined by "/"; a subject has one token per token of the key.
// Total and reversible: every text has a subject, no two share one, and whatever NATS gives a meaning is escaped.

// Kept as they are: letters, digits, "-" and "_". "." becomes "~", an empty token "_"; the rest is escaped by UTF-16
// code unit, as "=23" below 256 and "=u20AC" above.
const plain = /^(?!_$)[A-Za-z0-9_-]+$/
const special = /[^A-Za-z0-9_.-]/g
const escape = /=u([0-9A-F]{4})|=([0-9A-F]{2})/g

function escaped(character: string): string {
  const code = character.charCodeAt(0).toString(16).toUpperCase()
  return code.length <= 2 ? `=${code.padStart(2, '0')}` : `=u${code.padStart(4, '0')}`
}

function encodeToken(token: string): string {
  if (plain.test(token)) return token
  if (token === '') return '_'
  if (token === '_') return '=5F'
  return token.replace(special, escaped).replaceAll('.', '~')
}

function decodeToken(token: string): string {
  if (plain.test(token)) return token
  if (token === '_') return ''
  return token
    .replaceAll('~', '.')
    .replace(escape, (_, long?: string, short?: string) =>
      String.fromCharCode(Number.parseInt(long ?? short ?? '', 16)),
    )
}

/** The tokens of a subject for a key; never empty, never with a `$`. */
export function encodeKey(key: string): string {
  return key.split('/').map(encodeToken).join('.')
}

/** The key behind these tokens, undefined if no key gives them. */
export function decodeKey(tokens: string): string | undefined {
  const key = tokens.split('.').map(decodeToken).join('/')
  return encodeKey(key) === tokens ? key : undefined
}
