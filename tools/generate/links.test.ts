// What our pages lead to is there: files, the headings within them, values of charts; and every page of docs is found from
// its index.
import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, dirname, join, normalize, resolve } from 'node:path'
import { describe, expect, it } from '@jest/globals'

const root = resolve(import.meta.dirname, '../..')
const places = ['*.md', 'docs/**/*.md', 'charts/**/*.md', 'e2e/**/*.md', 'packages/**/*.md', 'apps/**/*.md']
const pages = globSync(places, { cwd: root, exclude: (name) => name.includes('node_modules') }).sort()

const textOf = (page: string): string => readFileSync(join(root, page), 'utf8')
/** Fences show what others write. */
const proseOf = (page: string): string => textOf(page).replaceAll(/^ *```[^]*?^ *```$/gm, '')

/** As GitHub makes them. */
function anchorsOf(page: string): ReadonlySet<string> {
  const headings = [...proseOf(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => heading)
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  )
}

const linksOf = (page: string): string[] =>
  [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link).filter((link) => !/^\w+:/.test(link))

function isThere(page: string, link: string): boolean {
  const [path = '', anchor] = link.split('#')
  const target = path === '' ? page : normalize(join(dirname(page), path))
  if (!existsSync(join(root, target))) return false
  return anchor === undefined || anchorsOf(target).has(anchor)
}

const parts = ['global', ...globSync('charts/*/Chart.yaml', { cwd: root }).map((file) => basename(dirname(file)))]
const listedValues = new Set(
  [...textOf('docs/reference/charts.md').matchAll(/^\| `([^`]+)`/gm)].map(([, name]) => name),
)

/** As `global.install`, `secrets.keep: true`, or `settings.logLevel` of whichever chart. */
const valuesOf = (page: string): string[] =>
  [...proseOf(page).matchAll(/`([a-z-]+)\.([\w.]+)(?:: [^`]*)?`/g)]
    .filter(
      ([, first = '', rest = '']) =>
        (parts.includes(first) || first === 'settings') && !/^(conf|creds|js|ts)$/.test(rest),
    )
    .map(([, first = '', rest = '']) => (parts.includes(first) && first !== 'global' ? rest : `${first}.${rest}`))

/** What is below a value that takes anything is not listed. */
const isListed = (value: string): boolean =>
  value.split('.').some((_, at, words) => listedValues.has(words.slice(0, at + 1).join('.')))

describe('a page', () => {
  it.each(pages)('%s links to what is there', (page) => {
    expect(linksOf(page).filter((link) => !isThere(page, link))).toEqual([])
  })

  it.each(pages.filter((page) => page.startsWith('docs/')))('%s names values that charts have', (page) => {
    expect(valuesOf(page).filter((value) => !isListed(value))).toEqual([])
  })

  it('of docs is in the index', () => {
    const index = linksOf('docs/README.md').map((link) => normalize(join('docs', link)))
    const listed = pages.filter((page) => /^docs\/(migrate\/)?[^/]+\.md$/.test(page) && basename(page) !== 'README.md')
    expect(listed.filter((page) => !index.includes(page))).toEqual([])
  })
})
