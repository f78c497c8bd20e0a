// What the documents show of our files stands in them.
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from '@jest/globals'

const root = resolve(import.meta.dirname, '../..')
const documents = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.md'),
)

interface Excerpt {
  readonly document: string
  readonly file: string
  readonly text: string
}

/** Fences that name a file after their language. */
function excerpts(document: string): Excerpt[] {
  const text = readFileSync(join(root, 'docs', document), 'utf8')
  return [...text.matchAll(/^```\w+ (\S+)\n([^]*?)^```$/gm)].map(([, file = '', shown = '']) => ({
    document,
    file,
    text: shown,
  }))
}

describe('an excerpt', () => {
  it.each(documents.flatMap(excerpts))('of $file in $document', ({ file, text }) => {
    expect(readFileSync(join(root, file), 'utf8')).toContain(text)
  })
})
