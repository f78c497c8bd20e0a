// The proof that a reader never saw a state that no commit described: its own, made from nothing but what it was told.
import { expect } from '@jest/globals'
import { createContents, digestTerm } from '../digest.ts'
import { createSubjectSpace } from '../subject-space.ts'
import { notes, type View } from './scene.ts'

/** Every state that the reader was told has the count and the digest of its commit, and ids only grow. */
export function expectTrueStates({ commits }: View, install: string): void {
  const space = createSubjectSpace({ install, source: 'local' }, notes)
  const contents = createContents()
  let last = 0
  for (const { commit, changes } of commits) {
    for (const { key, value } of changes) {
      const subject = space.of(key)
      if (value === undefined) contents.delete(subject)
      else contents.set(subject, digestTerm(subject, notes.codec.encode(value)))
    }
    expect(commit.whole).toBe(true)
    expect(contents.matches(commit)).toBe(true)
    expect(commit.id).toBeGreaterThan(last)
    last = commit.id
  }
}
