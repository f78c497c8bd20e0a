// A file's text as entries: each document admitted or refused, with the line of what is wrong. A document whose text did
// not change since the last reading is not parsed again, so an edit in a large file costs what was edited.
import type { Resource } from '@penstock/gateway-api'
import type { Admission } from '@penstock/gateway-api/admission'
import { type DocumentLimits, type ManifestDocument, parseChunk, splitDocuments } from './documents.ts'
import { type Identity, identify, uidOf } from './identity.ts'
import { type Stranger, strangerOf } from './stranger.ts'

/** Why something does not count, where its owner can find it. */
export interface Refusal {
  line: number
  /** Of the field, as in `spec.rules[0].matches`; empty: all of the document. */
  path: string
  reason: string
}

export interface Entry {
  line: number
  /** Undefined: nobody can say which object was meant. */
  identity: Identity | undefined
  /** Undefined: refused. */
  object: Resource | undefined
  refusals: readonly Refusal[]
  /** Certain to be no object that we read, so it hides none; `object` only names it. */
  stranger?: Stranger
}

export interface Manifest {
  entries: readonly Entry[]
  /** Entries of accepted documents by text, lines counted from the document's start. */
  memory: ReadonlyMap<string, readonly Entry[]>
}

export interface ManifestLimits extends DocumentLimits {
  maxDocuments: number
  maxObjectBytes: number
}

export interface ManifestReader {
  admission: Admission
  limits: ManifestLimits
  /** The version that counts now: some rules compare with it. */
  lastGood(key: string): Resource | undefined
}

export const emptyManifest: Manifest = { entries: [], memory: new Map() }

/** A file that cannot be read as documents at all. */
export function refusedManifest(reason: string): Manifest {
  const entry = { line: 1, identity: undefined, object: undefined, refusals: [{ line: 1, path: '', reason }] }
  return { entries: [entry], memory: new Map() }
}

/** True when every document says which object it means, if any: then what no entry names is not in the file. */
export const isComplete = (manifest: Manifest): boolean => unclearEntry(manifest) === undefined

/** The first document that may be any object. */
export const unclearEntry = (manifest: Manifest): Entry | undefined =>
  manifest.entries.find((entry) => !entry.identity && !entry.stranger)

export function readManifest(text: string, before: Manifest, reader: ManifestReader): Manifest {
  const { maxDocuments } = reader.limits
  const entries: Entry[] = []
  const memory = new Map<string, readonly Entry[]>()
  for (const chunk of splitDocuments(text)) {
    const read = before.memory.get(chunk.text) ?? readChunk(chunk.text, reader)
    if (read.every((entry) => entry.object)) memory.set(chunk.text, read)
    entries.push(...read.map((entry) => shift(entry, chunk.line - 1)))
    if (entries.length > maxDocuments) return refusedManifest(`more than ${maxDocuments} documents in one file`)
  }
  return { entries, memory }
}

function readChunk(text: string, reader: ManifestReader): Entry[] {
  try {
    return parseChunk(text, reader.limits).map((document) => judge(document, reader))
  } catch (thrown) {
    // Some texts are nested beyond the stack, some hold themselves. Messages could quote them, and they may be secret.
    return [...refusedManifest(thrown instanceof RangeError ? 'nested too deeply' : 'cannot be read').entries]
  }
}

function judge(document: ManifestDocument, reader: ManifestReader): Entry {
  const { line, value, errors } = document
  const identity = identify(value)
  const refuse = (...refusals: Omit<Refusal, 'line'>[]): Entry => {
    const placed = refusals.map(({ path, reason }) => ({ line: document.lineOf(path), path, reason }))
    return { line, identity, object: undefined, refusals: placed }
  }
  // What a parser says after its first complaint is mostly an echo of it.
  const [error] = errors
  if (error) return { ...refuse(), refusals: [{ ...error, path: '' }] }
  if (!identity) {
    const stranger = strangerOf(value)
    // An item of a List is meant as an object, so one that says nothing is unfinished.
    if (stranger && !(document.item && stranger.path === '')) return { ...refuse(stranger), stranger }
    return refuse(...admitUnnamed(value, reader.admission))
  }

  const old = reader.lastGood(identity.key)
  const admitted = reader.admission.admit(value, old ? { old } : {})
  if ('refused' in admitted) return refuse(...admitted.refused)
  const object = finish(admitted.object, identity)
  const bytes = Buffer.byteLength(JSON.stringify(object))
  const { maxObjectBytes } = reader.limits
  if (bytes > maxObjectBytes) return refuse({ path: '', reason: `${bytes} bytes, more than ${maxObjectBytes}` })
  return { line, identity, object, refusals: [] }
}

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration'

// What a server owns is made here, whatever the document says; the generation is counted when it is published.
function finish(object: Resource, identity: Identity): Resource {
  const { annotations, ...metadata } = object.metadata
  const kept = Object.entries(annotations ?? {}).filter(([name]) => name !== lastApplied)
  const uid = uidOf(identity.key)
  const withAnnotations = kept.length > 0 ? { annotations: Object.fromEntries(kept) } : {}
  return { ...object, metadata: { ...metadata, ...withAnnotations, uid, generation: 1 } }
}

// Says best what is wrong with a kind or a name; whatever it thinks, without an identity there is no object.
function admitUnnamed(value: unknown, admission: Admission): readonly Omit<Refusal, 'line'>[] {
  const admitted = admission.admit(value)
  if ('refused' in admitted && admitted.refused.length > 0) return admitted.refused
  return [{ path: '', reason: 'no usable apiVersion, kind, name or namespace' }]
}

function shift(entry: Entry, lines: number): Entry {
  if (lines === 0) return entry
  const refusals = entry.refusals.map((refusal) => ({ ...refusal, line: refusal.line + lines }))
  return { ...entry, line: entry.line + lines, refusals }
}
