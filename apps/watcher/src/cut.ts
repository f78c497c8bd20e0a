// Texts from a file, short enough for a line of the log.

export function cut(text: string, maxLength = 100): string {
  // A character of two units is not cut in the middle.
  return text.length > maxLength ? `${text.slice(0, maxLength).replace(/[\uD800-\uDBFF]$/, '')}…` : text
}
