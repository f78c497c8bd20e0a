// The formats that the schemas name (kube-openapi, pkg/validation/strfmt). A test holds the list against the CRDs. A
// format says nothing of a value of another type, and the API server passes over one that it does not know.
import { isIPv4, isIPv6 } from 'node:net'

const textFormats: Readonly<Record<string, (text: string) => boolean>> = {
  ipv4: isIPv4,
  ipv6: (text) => isIPv6(text) && !text.includes('%'),
  // Line breaks are no part of base64, and are what a YAML block leaves in it.
  byte: (text) => base64.test(text.replaceAll(/[\r\n]/g, '')),
}

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

const numberFormats: Readonly<Record<string, (value: number) => boolean>> = {
  int32: (value) => value === (value | 0),
  int64: Number.isInteger,
}

export const knownFormats: readonly string[] = [...Object.keys(textFormats), ...Object.keys(numberFormats)]

export function hasFormat(format: string, value: unknown): boolean {
  if (typeof value === 'string') return textFormats[format]?.(value) ?? true
  return typeof value !== 'number' || (numberFormats[format]?.(value) ?? true)
}
