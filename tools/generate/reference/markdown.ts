// The little Markdown that the reference is made of.

/** A whole document; each part is a paragraph, a heading or a table. */
export function page(title: string, ...parts: readonly string[]): string {
  return `${['<!-- Written by `pnpm reference`: edits are lost. -->', `# ${title}`, ...parts].join('\n\n')}\n`
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n')
}

export const code = (text: string | number): string => `\`${text}\``

/** Milliseconds as a person says them. */
export function duration(ms: number): string {
  if (ms % 60_000 === 0) return `${ms / 60_000} min`
  return ms % 1_000 === 0 ? `${ms / 1_000} s` : `${ms} ms`
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ')
