// The formats that the schemas name (kube-openapi, pkg/validation/strfmt). A test holds the list against the CRDs; the
// API server passes over a format that it does not know, and so do we.
import { isIPv4, isIPv6 } from 'node:net'

const formats: Readonly<Record<string, (value: unknown) => boolean>> = {
  int32: (value) => Number.isInteger(value) && (value as number) === ((value as number) | 0),
  int64: (value) => Number.isInteger(value),
  ipv4: (value) => typeof value === 'string' && isIPv4(value),
  ipv6: (value) => typeof value === 'string' && isIPv6(value) && !value.includes('%'),
  // Line breaks are no part of base64, and are what a YAML block leaves in it.
  byte: (value) => typeof value === 'string' && base64.test(value.replaceAll(/[\r\n]/g, '')),
}

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

export const knownFormats: readonly string[] = Object.keys(formats)

export function hasFormat(format: string, value: unknown): boolean {
  return !Object.hasOwn(formats, format) || formats[format]?.(value) === true
}
