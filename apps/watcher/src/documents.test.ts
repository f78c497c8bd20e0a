import process from 'node:process'
import { describe, expect, it, jest } from '@jest/globals'
import { parseChunk, splitDocuments } from './documents.ts'

const limits = { maxAliases: 10 }

const route = `# a comment
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: web
  labels:
    example.com/team: a
spec:
  rules:
    - matches:
        - path:
            type: Exact
    - backendRefs: [{ name: a }, { name: b,
        port: 0 }]
`

describe('splitDocuments', () => {
  it.each([
    ['one document', 'a: 1\n', [{ text: 'a: 1\n', line: 1 }]],
    [
      'two',
      'a: 1\n---\nb: 1\n',
      [
        { text: 'a: 1\n', line: 1 },
        { text: '---\nb: 1\n', line: 2 },
      ],
    ],
    ['a marker that begins the text', '---\na: 1\n', [{ text: '---\na: 1\n', line: 1 }]],
    ['dashes that are no marker', 'a: |\n  ---\nb: ----\n', [{ text: 'a: |\n  ---\nb: ----\n', line: 1 }]],
    [
      'an open quote, cut off at the marker',
      'a: "x\n---\nb: 1',
      [
        { text: 'a: "x\n', line: 1 },
        { text: '---\nb: 1', line: 2 },
      ],
    ],
    [
      'Windows lines',
      'a: 1\r\n---\r\nb: 1',
      [
        { text: 'a: 1\r\n', line: 1 },
        { text: '---\r\nb: 1', line: 2 },
      ],
    ],
    ['directives', '%YAML 1.2\n---\na: 1\n', [{ text: '%YAML 1.2\n---\na: 1\n', line: 1 }]],
    ['nothing', '', []],
  ])('%s', (_, text, chunks) => {
    expect(splitDocuments(text)).toEqual(chunks)
  })
})

describe('the line of a path', () => {
  it.each([
    ['', 2],
    ['kind', 3],
    ['metadata.name', 5],
    ['metadata.labels["example.com/team"]', 7],
    ['metadata.labels[example.com/team]', 7],
    ['spec.rules[0]', 10],
    ['spec.rules[0].matches[0].path.type', 12],
    ['spec.rules[0].matches[0].path.value', 11],
    ['spec.rules[1].backendRefs[1].port', 14],
    ['spec.rules[7].name', 9],
  ])('%s', (path, line) => {
    const [document] = parseChunk(route, limits)
    expect(document?.lineOf(path)).toBe(line)
  })
})

describe('parseChunk', () => {
  it('makes a document of each item of a list', () => {
    const documents = parseChunk('kind: List\nitems:\n- kind: A\n- kind: B\n  spec:\n    x: 1\n', limits)
    expect(documents.map(({ value, line }) => ({ value, line }))).toEqual([
      { value: { kind: 'A' }, line: 3 },
      { value: { kind: 'B', spec: { x: 1 } }, line: 4 },
    ])
    expect(documents[1]?.lineOf('spec.x')).toBe(6)
  })

  it('reads JSON with its lines', () => {
    const [document] = parseChunk('{\n  "kind": "A",\n  "spec": {\n    "x": [1,\n2]}}', limits)
    expect(document?.value).toEqual({ kind: 'A', spec: { x: [1, 2] } })
    expect(document?.lineOf('spec.x[1]')).toBe(5)
  })

  it.each(['', '---\n', '# only a comment\n', '---\nnull\n'])('finds no document in %j', (text) => {
    expect(parseChunk(text, limits)).toEqual([])
  })

  it.each([
    ['a quote that never closes, where it opens', 'a: 1\nb: "x\nc: 1\n', 2, 'closing'],
    ['a key twice', 'a: 1\na: 2\n', 2, 'unique'],
    ['a tab', 'kind: X\nspec:\n\t- a\n', 3, 'Tabs'],
    ['a colon too many', 'kind: X\nspec:\n  a: b: c\n', 3, 'Nested mappings'],
    ['a bomb of aliases', `a: &a [1,1]\nb: &b [${'*a,'.repeat(9)}]\nc: [${'*b,'.repeat(9)}]\n`, 1, 'alias'],
  ])('tells of %s', (_, text, line, reason) => {
    const [document] = parseChunk(text, limits)
    expect(document?.errors[0]).toEqual({ line, reason: expect.stringContaining(reason) })
  })

  it.each([
    ['an alias', 'key: *SUPERSECRET'],
    ['a tag', 'key: !SUPERSECRET x'],
    ['a verbatim tag', 'key: !<SUPERSECRET x'],
    ['a tag with a handle', 'key: !SUPER!SECRET x'],
    ['a tag for another type', 'key: !!map SUPERSECRET'],
    ['a tag for a number', 'key: !!int SUPERSECRET'],
    ['an escape', 'key: "\\xSUPERSECRET"'],
    ['a block header', 'key: |SUPERSECRET\n  x'],
    ['a token too many', 'key: [a]]SUPERSECRET'],
    ['text after a value', 'key: "a" SUPERSECRET'],
    ['text after a document', '{a: 1}\nSUPERSECRET: 1'],
    ['a reserved character', 'key: @SUPERSECRET'],
    ['a key in the wrong column', 'stringData:\n  key: |\n-----BEGIN SUPERSECRET\nSUPERSECRET'],
    ['a key without a block', 'key: -----BEGIN: SUPERSECRET\nSUPERSECRET'],
    ['a directive', '%SUPERSECRET x\n---\na: [\n'],
    ['a marker with text', 'key: a\n... SUPERSECRET\n'],
    ['an open quote', 'key: "SUPERSECRET\n'],
    ['a key twice', 'SUPERSECRET: 1\nSUPERSECRET: 2\n'],
    ['a merge of a text', '<<: SUPERSECRET\n'],
    ['a control character', 'key: \u0001SUPERSECRET\u0002: x\u0000'],
  ])('tells nothing of a broken text: %s', (_, text) => {
    for (const { errors } of parseChunk(`${text}\n`, limits)) expect(JSON.stringify(errors)).not.toMatch(/SUPER|SECRET/)
  })

  it('still reads the identity of a document with a syntax error', () => {
    const [document] = parseChunk('kind: X\nmetadata:\n  name: web\nspec:\n  a: b: c\n', limits)
    expect(document?.value).toMatchObject({ kind: 'X', metadata: { name: 'web' } })
  })
})

describe('a document that is wrong all over', () => {
  // It was half a minute, which no test has.
  it.each(['[', '{a: ', '- '])('costs no more for each further mistake: %s', (opening) => {
    const [document] = parseChunk(`a: ${opening.repeat(3_000)}`, limits)
    expect(document?.errors).toHaveLength(1)
  })

  it('is not quoted on standard error', () => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
    parseChunk('? {SECRET: b}\n: c\n', limits)
    expect(warn).not.toHaveBeenCalled()
    warn.mockRestore()
  })
})
