// Where agentgateway v1.4.1 answers otherwise than Envoy, as far as the tables of it say: nothing that we send can change
// it, or nothing does yet. What is not here is the same on both.

/** By case; the requests are counted from 1. One that is answered alike again has to leave the list. */
export const differences: Readonly<Record<string, { readonly why: string; readonly requests: readonly number[] }>> = {
  // The plane says of these that it does not support them, so that the route's owner is told.
  'grpc-route-session-cookie': { why: 'no session persistence', requests: [1, 2, 3] },
  'grpc-route-session-persistence': { why: 'no session persistence', requests: [1, 2] },
  'http-route-session-persistence': {
    why: 'no session persistence',
    requests: [2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 13, 14],
  },
  'http-route-backend-url-rewrite': { why: 'no rewrite for one backend', requests: [1, 2, 3, 4, 5, 6] },
  'http-route-cors-without-backend': { why: 'no rewrite for one backend', requests: [7, 8] },

  // A direct response is HTTP to gRPC too: a rule without backends would be UNAVAILABLE, as it should be.
  'grpc-route-backend-unsupported-filter': { why: 'a direct response has no status of gRPC', requests: [1] },
  'grpc-route-filters': { why: 'a direct response has no status of gRPC', requests: [2] },
  'grpc-route-header-modifier-conflict': { why: 'a direct response has no status of gRPC', requests: [1] },
  'grpc-route-invalid-regex': { why: 'a direct response has no status of gRPC', requests: [1] },
  'grpc-route-unsupported-default-gateways': { why: 'a direct response has no status of gRPC', requests: [1] },

  // Its order of matches: an exact path first, prefixes and regular expressions among each other by length.
  'grpc-route-before-http-route': { why: 'an exact path wins against the prefix of a service', requests: [1] },
  'grpc-route-precedence': { why: 'a method alone is a regular expression, which may be longer', requests: [2] },
  'grpc-route-precedence-headers': {
    why: 'a method alone is a regular expression, which may be longer',
    requests: [3],
  },

  // It takes requests as they are sent.
  'grpc-route-hostname-wildcards': { why: 'hosts are compared as written', requests: [4] },
  'grpc-route-hostnames': { why: 'hosts are compared as written', requests: [2] },
  'http-route-hostname-wildcards': { why: 'hosts are compared as written', requests: [6] },
  'http-route-hostnames': { why: 'hosts are compared as written', requests: [3, 6] },
  'http-route-https-listener-detect-misdirected-requests': { why: 'hosts are compared as written', requests: [16] },
  'http-route-forwarded-headers': { why: 'what a client says of forwarding is left alone', requests: [1] },
  'http-route-path-as-sent': { why: 'dots in paths are left alone', requests: [1, 2, 3] },
  'http-route-encoded-query': { why: 'parameters are compared without their escapes', requests: [1, 2] },
  'http-route-query-param-repeated': { why: 'the last of several values counts', requests: [1, 2] },
  'http-route-header-match-host': { why: 'Host is no header: the match would be of :authority', requests: [1, 2, 4] },

  // It answers in its own way.
  'http-route-backend-protocol-h2c': { why: 'a backend that breaks off is 503', requests: [2] },
  'http-route-backend-response-header-modifier': { why: "the route's edit of answers comes first", requests: [2] },
  'http-route-cors': { why: 'OPTIONS of an allowed origin is always answered', requests: [20] },
  'http-route-cors-with-redirect': { why: 'the same; the usual port is not told', requests: [2, 8] },
  'http-route-redirect-port': { why: 'the usual port is not told', requests: [6] },
  'http-route-redirect-port-and-scheme': { why: 'the usual port is not told', requests: [10, 11, 18, 19] },
  'http-route-redirect-scheme': { why: 'the usual port is not told', requests: [2, 4] },
  'http-route-retry': { why: 'a body over 64 KiB is not kept', requests: [11] },
  'http-route-retry-with-backend-timeout': { why: 'a try that takes too long is made again', requests: [2] },
}
