// What Kubernetes adds to CEL, as far as the rules that we run use it; a test holds this list against every rule
// (apiserver, pkg/cel/library: strings, ip, format).

import { isIP } from 'node:net'
import { type CelFunc, CelScalar, celFunc, celMethod, listType } from '@bufbuild/cel'
import { strings } from '@bufbuild/cel/ext'
import { nameFormats } from './names.ts'

const { BOOL, DYN, STRING } = CelScalar

// An optional value is a list of none or one: all that a rule can ask of it is told by its size.
const optional = listType(DYN)

/** `format.dns1123Label()` and its kin: a format is known by its name. */
const formats = Object.keys(nameFormats).map((name) => celFunc(`format.${name}`, [], STRING, () => name))

export const kubernetesFunctions: CelFunc[] = [
  ...strings,
  ...formats,
  celMethod('validate', STRING, [STRING], optional, function (text) {
    const problems = nameFormats[this]?.(text) ?? [`unknown format ${this}`]
    return problems.length === 0 ? [] : [problems]
  }),
  celMethod('hasValue', optional, [], BOOL, function () {
    return this.size > 0
  }),
  celMethod('value', optional, [], DYN, function () {
    return this.get(0) ?? null
  }),
  celMethod('orValue', optional, [DYN], DYN, function (otherwise) {
    return this.get(0) ?? otherwise
  }),
  celFunc('isIP', [STRING], BOOL, (text) => isPlainIp(text)),
]

/** No zone, and no IPv4 address in an IPv6 dress: the API server refuses both. */
function isPlainIp(text: string): boolean {
  return isIP(text) !== 0 && !text.includes('%') && !/^::ffff:[\d.]+$/i.test(text)
}
