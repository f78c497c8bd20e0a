// Mistakes that get no further than the folder: the last good version stays, and the log says where and why.
import { gatewayNamed, type Manifest } from '../manifests.ts'
import { culpritRoute } from './culprit.ts'
import type { Mistake } from './mistake.ts'

const refused = (name: string, document: Manifest, reason: RegExp): Mistake => ({
  name,
  objects: () => [document],
  refused: reason,
})

const value = 'x'.repeat(4_000)
const headers = Array.from({ length: 16 }, (_, at) => ({ name: `x-${at}`, value }))
const rule = { backendRefs: [{ name: 'v1', port: 80 }] }

export const documentMistakes: readonly Mistake[] = [
  {
    name: 'two listeners that are the same',
    objects: (ports) => [gatewayNamed('other', ...['a', 'b'].map((name) => ({ name, port: ports.http })))],
    refused: /unique/,
  },
  refused('an unknown field', culpritRoute({ backendRef: { name: 'v1' } }), /unknown field/),
  refused('a wrong type', culpritRoute({ backendRefs: [{ name: 'v1', port: 'http' }] }), /integer/),
  refused(
    'a name of a header that is none',
    culpritRoute({ matches: [{ headers: [{ name: ':path', value: 'x' }] }] }),
    /match/,
  ),
  refused('a hostname that is none', culpritRoute({}, { hostnames: ['Not a host'] }), /match/),
  refused('a duration that is none', culpritRoute({ timeouts: { request: '1 day' } }), /match/),
  refused(
    'a weight of more than a million',
    culpritRoute({ backendRefs: [{ name: 'v1', port: 80, weight: 1_000_001 }] }),
    /1000000/,
  ),
  refused(
    'more rules than a route has',
    culpritRoute({}, { rules: Array.from({ length: 17 }, () => rule) }),
    /at most 16/,
  ),
  refused(
    'more matches than a rule has',
    culpritRoute({ matches: Array.from({ length: 65 }, () => ({ method: 'GET' })) }),
    /at most 64/,
  ),
  refused(
    'an object of several megabytes',
    culpritRoute({ matches: Array.from({ length: 64 }, () => ({ headers })) }),
    /bytes/,
  ),
]
