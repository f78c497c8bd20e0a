// A file's text as documents: plain values that know the line of each of their fields.
// The text is cut at its "---" lines before it is parsed, so a syntax error stays within one document.
import {
  type Document,
  type ErrorCode,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  visit,
} from 'yaml'

/** A document's text and the line of the file at which it begins. */
export interface Chunk {
  text: string
  line: number
}

/** One object of a file, before anybody judged it. Lines count from 1 at the start of the chunk. */
export interface ManifestDocument {
  line: number
  value: unknown
  /** Of what the parser complains about the first: the rest is mostly an echo of it, and may be a thousand times. */
  errors: readonly { line: number; reason: string }[]
  /** One of a List. */
  item: boolean
  /** The line of `spec.rules[0].matches`, or of the nearest parent that the text has. */
  lineOf(path: string): number
}

export interface DocumentLimits {
  /** How many nodes the aliases of one document may stand for. */
  maxAliases: number
}

/** Cuts a text at its document markers; `%` directives belong to what follows, so a text with any stays whole. */
export function splitDocuments(text: string): Chunk[] {
  if (/^%/m.test(text)) return [{ text, line: 1 }]
  const chunks: Chunk[] = []
  let line = 1
  for (const part of text.split(/^(?=---(?:\s|$))/m)) {
    if (part !== '') chunks.push({ text: part, line })
    line += part.split('\n').length - 1
  }
  return chunks
}

/** Parses a chunk; the items of a List become documents of their own, an empty document none. */
export function parseChunk(text: string, limits: DocumentLimits): ManifestDocument[] {
  const lines = new LineCounter()
  // Its warnings quote the text, on standard error.
  const options = { lineCounter: lines, prettyErrors: false, merge: true, logLevel: 'error' } as const
  return [...parseAllDocuments(text, options)].flatMap((document) => {
    const parsed = read(document, lines, limits)
    if (parsed.value === null && parsed.errors.length === 0) return []
    return itemsOf(parsed) ?? [parsed]
  })
}

function read(document: Document.Parsed, lines: LineCounter, limits: DocumentLimits): ManifestDocument {
  const lineAt = (offset: number): number => Math.max(1, lines.linePos(offset).line)
  const errors = document.errors.slice(0, 1).map((error) => ({
    line: lineAt(startOfOpenScalar(document, error.pos[0])),
    reason: withoutText(error),
  }))
  const line = lineAt(document.contents?.range[0] ?? document.range[0])
  let value: unknown
  try {
    value = document.toJS({ maxAliasCount: limits.maxAliases })
  } catch (thrown) {
    errors.push({ line, reason: thrown instanceof ReferenceError ? beforeColon(thrown.message) : 'cannot be read' })
  }
  const lineOf = (path: string): number => lineAt(offsetOf(document, path) ?? lines.lineStarts[line - 1] ?? 0)
  return { line, value, errors, item: false, lineOf }
}

// Nobody knows whether a broken text is a Secret's, so none of it is told. The parser quotes it in these places.
const sentences: { readonly [code in ErrorCode]?: string } = {
  BAD_COLLECTION_TYPE: 'The tag is that of another type',
  BAD_DIRECTIVE: 'Unknown directive',
  BAD_DQ_ESCAPE: 'Invalid escape sequence in a double-quoted string',
  RESOURCE_EXHAUSTION: 'Nested too deeply',
  TAG_RESOLVE_FAILED: 'Unresolved tag',
}

const withoutText = ({ code, message }: { code: ErrorCode; message: string }): string =>
  sentences[code] ?? (code === 'UNEXPECTED_TOKEN' ? beforeColon(message) : message)

const beforeColon = (message: string): string => message.split(': ')[0] ?? ''

// A missing quote is found at the end of the text, but its owner wants to know where the string began.
function startOfOpenScalar(document: Document.Parsed, offset: number): number {
  let start = offset
  visit(document, {
    Scalar: (_, node) => {
      const quoted = node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE'
      if (quoted && node.range && node.range[0] < offset && offset <= node.range[1]) start = node.range[0]
    },
  })
  return start
}

function itemsOf(list: ManifestDocument): ManifestDocument[] | undefined {
  const { kind, items } = (list.value ?? {}) as { kind?: unknown; items?: unknown }
  if (typeof kind !== 'string' || !kind.endsWith('List') || !Array.isArray(items) || list.errors.length > 0) {
    return undefined
  }
  return items.map((value: unknown, i) => {
    const lineOf = (path: string): number => list.lineOf(path === '' ? `items[${i}]` : `items[${i}].${path}`)
    return { line: lineOf(''), value, errors: [], item: true, lineOf }
  })
}

// Walks down as far as the path exists. A field's line is that of its name, an element's that of its start.
function offsetOf(document: Document.Parsed, path: string): number | undefined {
  let node: unknown = document.contents
  let offset: number | undefined
  for (const step of steps(path)) {
    if (isMap(node)) {
      const pair: unknown = node.items.find((item) => String(isScalar(item.key) ? item.key.value : item.key) === step)
      if (!isPair(pair)) break
      offset = (pair.key as { range?: [number, number, number] }).range?.[0] ?? offset
      node = pair.value
    } else if (isSeq(node)) {
      node = node.items[Number(step)]
      if (node === undefined) break
      offset = (node as { range?: [number, number, number] }).range?.[0] ?? offset
    } else break
  }
  return offset
}

// "spec.rules[0]" and `metadata.labels["a.b/c"]` or `metadata.labels[a.b/c]`, as the API server writes paths.
function steps(path: string): string[] {
  return [...path.matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[([^\]]*)\]|([^.[\]]+)/g)].map(
    ([, quoted, bracketed, plain]) => quoted ?? bracketed ?? plain ?? '',
  )
}
