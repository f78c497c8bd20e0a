// What a scene is: a folder of resources, and edits of it.
import type { Question } from './question.ts'

/** A file with its text. */
export type Manifest = readonly [file: string, text: string]

/** The edit of this number; 0 is how the folder is written first. */
export interface Edit {
  readonly manifest: Manifest
  readonly question: Question
  /** Part of the answer that shows it. */
  readonly answer: string
}

export interface EditKind {
  readonly what: string
  nth(edit: number): Edit
}

export interface Scene {
  readonly name: string
  readonly what: string
  manifests(): Iterable<Manifest>
  readonly edits: readonly EditKind[]
}

/** Over all of them; 7,919 is prime. */
export const spread = (edit: number, over: number): number => (edit * 7_919) % over
