// What Kubernetes adds to CEL, as far as the rules that we run use it; a test holds this list against every rule
// (apiserver, pkg/cel/library: strings, ip, format).

import { BlockList, isIP } from 'node:net'
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
  celFunc('isEndpointIP', [STRING], BOOL, (text) => isPlainIp(text) && isCanonical(text) && !isSpecial(text)),
]

/** No zone, and no IPv4 address in an IPv6 dress: the API server refuses both. */
function isPlainIp(text: string): boolean {
  return isIP(text) !== 0 && !text.includes('%') && !/^::ffff:[\d.]+$/i.test(text)
}

/** Half of them: IPv4 has one form alone. */
function isCanonical(text: string): boolean {
  return isIP(text) === 4 || new URL(`http://[${text}]`).hostname === `[${text}]`
}

// Where no endpoint can be (pkg/apis/core/validation: ValidateNonSpecialIP). Loopback is not among them, as it is there:
// what runs beside a local stack is found nowhere else.
const special = new BlockList()
special.addAddress('0.0.0.0')
special.addAddress('::', 'ipv6')
special.addSubnet('169.254.0.0', 16)
special.addSubnet('fe80::', 10, 'ipv6')
special.addSubnet('224.0.0.0', 24)
special.addSubnet('ff02::', 16, 'ipv6')

const isSpecial = (text: string): boolean => special.check(text, isIP(text) === 4 ? 'ipv4' : 'ipv6')
