// How a proxy is asked to end well. Envoy ends at once when it is told to, and its image has no shell; so before that
// the kubelet asks for `/drain/<secret>`, and the answer is held back until no connection of a client is left, or as
// long as a drain may take. Meanwhile everything is served, and every answer asks its client to connect anew.

export interface DrainOptions {
  /** In the path: else whoever reaches the port could send the clients of a proxy away. */
  readonly secret: string
  /** After that it is over, whatever is still open. */
  readonly longestSeconds: number
}

/** For so long connections may still come: not every node has heard yet that this proxy goes. */
const shortestSeconds = 5

export const drainPath = (secret: string): string => `/drain/${secret}`

const filterTypes = 'type.googleapis.com/envoy.extensions.filters.http'
const faultType = `${filterTypes}.fault.v3.HTTPFault`
const [fault, lua] = ['envoy.filters.http.fault', 'envoy.filters.http.lua'] as const

/** Both do nothing but where a route says what. */
export const drainFilters = [
  { name: fault, typed_config: { '@type': faultType } },
  { name: lua, typed_config: { '@type': `${filterTypes}.lua.v3.Lua` } },
]

export function drainRoutes({ secret, longestSeconds }: DrainOptions) {
  const pause = { '@type': faultType, delay: { fixed_delay: '0.5s', percentage: { numerator: 100 } } }
  const drain = { '@type': `${filterTypes}.lua.v3.LuaPerRoute`, source_code: { inline_string: script(longestSeconds) } }
  const done = { direct_response: { status: 204 } }
  return [
    { match: { path: pausePath }, ...done, typed_per_filter_config: { [fault]: pause } },
    { match: { path: drainPath(secret) }, ...done, typed_per_filter_config: { [lua]: drain } },
  ]
}

/** Lua cannot wait; it can ask for something that takes a while. */
const pausePath = '/pause'
export const [adminCluster, pauseCluster] = ['penstock-admin', 'penstock-pause'] as const

/** Listeners of users go by their address, so theirs are the statistics that begin with a digit or a bracket. */
const openConnections = '/stats?type=Gauges&filter=^listener[.][0-9[].*_[0-9]+[.]downstream_cx_active$'

const script = (longestSeconds: number): string => `
local function ask(handle, cluster, method, path)
  local wanted = { [":method"] = method, [":path"] = path, [":authority"] = "drain" }
  local headers, body = handle:httpCall(cluster, wanted, "", 5000)
  if headers[":status"] == "200" then return body or "" end
end

-- Nil: not known.
local function open_connections(handle)
  local counts = ask(handle, "${adminCluster}", "GET", "${openConnections}")
  if not counts then return end
  local open = 0
  for count in counts:gmatch(": (%d+)") do open = open + tonumber(count) end
  return open
end

function envoy_on_request(handle)
  local began = handle:timestamp()
  ask(handle, "${adminCluster}", "POST", "/drain_listeners?graceful&skip_exit")
  local seconds, open
  repeat
    ask(handle, "${pauseCluster}", "GET", "${pausePath}")
    open = open_connections(handle)
    seconds = (handle:timestamp() - began) / 1000
  until seconds >= ${longestSeconds} or (open == 0 and seconds >= ${Math.min(shortestSeconds, longestSeconds)})
end
`
