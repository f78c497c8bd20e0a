// Which filter chain takes a connection, on a port with a shared chain: a hostname of its own before a wildcard, a longer
// wildcard before a shorter one, then the shared chain, or the chain of the listener for every host where there is one.
// Envoy's plain match by server names has no place for that: it would let the shared chain take every name, or make it
// anew, and drain it, with each name it takes.
import { packAny } from './any.ts'
import type { TypedExtensionConfig } from './gen/envoy/config/core/v3/extension.ts'
import { ServerNameInput } from './gen/envoy/extensions/matching/common_inputs/network/v3/network_inputs.ts'
import { StringValue } from './gen/google/protobuf/wrappers.ts'
import type {
  Matcher_MatcherList_FieldMatcher as FieldMatcher,
  Matcher,
  Matcher_OnMatch as OnMatch,
} from './gen/xds/type/matcher/v3/matcher.ts'
import type { StringMatcher } from './gen/xds/type/matcher/v3/string.ts'
import { hostRank, isExactHost } from './place.ts'

/** No hostname holds a "#". */
export const sharedChainName = '#by-sni'

export const chainName = (hostname: string): string => (hostname === '' ? '*' : hostname)

/**
 * `own`: hostnames with a chain of their own. `covered`: hostnames that share one and must be named, because a chain for
 * less specific ones would take them. Any other name that could be a hostname goes to the shared chain, and is refused by
 * the server if it is none; no other text gets so far, since a secret could have that name.
 */
export function emitChainMatcher(own: readonly string[], covered: readonly string[]): Matcher {
  const named: readonly (readonly [string, string])[] = [
    ...own.filter(isExactHost).map((hostname) => [hostname, chainName(hostname)] as const),
    ...covered.map((hostname) => [hostname, sharedChainName] as const),
  ]
  const wildcards = own.filter((hostname) => hostname.startsWith('*.')).sort(byRank)
  const everyHost = own.includes('') ? chainName('') : undefined
  const matchers = [
    ...wildcards.map((hostname) => on({ $case: 'suffix', value: hostname.slice(1) }, chainName(hostname))),
    ...(everyHost === undefined ? [on(anyHostname, sharedChainName)] : []),
  ]
  const rest: OnMatch =
    matchers.length === 0
      ? to(everyHost as string)
      : {
          onMatch: {
            $case: 'matcher',
            value: {
              matcherType: { $case: 'matcherList', value: { matchers } },
              ...(everyHost === undefined ? {} : { onNoMatch: to(everyHost) }),
            },
          },
        }
  if (named.length === 0 && rest.onMatch?.$case === 'matcher') return rest.onMatch.value
  const map = Object.fromEntries([...named].sort().map(([hostname, chain]) => [hostname, to(chain)]))
  return {
    matcherType: {
      $case: 'matcherTree',
      value: { input: serverName, treeType: { $case: 'exactMatchMap', value: { map } } },
    },
    onNoMatch: rest,
  }
}

/** Envoy compares the name in lower case. */
const anyHostname: StringMatcher['matchPattern'] = {
  $case: 'safeRegex',
  value: { engineType: { $case: 'googleRe2', value: {} }, regex: '[a-z0-9.-]+' },
}

const serverName: TypedExtensionConfig = {
  name: 'server-name',
  typedConfig: packAny('envoy.extensions.matching.common_inputs.network.v3.ServerNameInput', ServerNameInput, {}),
}

const byRank = (a: string, b: string): number => (hostRank(a) + a < hostRank(b) + b ? -1 : 1)

const to = (chain: string): OnMatch => ({
  onMatch: {
    $case: 'action',
    value: { name: 'chain', typedConfig: packAny('google.protobuf.StringValue', StringValue, { value: chain }) },
  },
})

const on = (matchPattern: StringMatcher['matchPattern'], chain: string): FieldMatcher => ({
  predicate: {
    matchType: {
      $case: 'singlePredicate',
      value: { input: serverName, matcher: { $case: 'valueMatch', value: { matchPattern } } },
    },
  },
  onMatch: to(chain),
})
