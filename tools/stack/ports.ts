// The ports of the local stack and the flag that moves each.
import { accepts } from './readiness.ts'

/** Variables of docker-compose.yml, in the order in which `--base-port` numbers them. */
const internal = [
  'PENSTOCK_NATS_PORT',
  'PENSTOCK_XDS_PORT',
  'PENSTOCK_ENVOY_ADMIN_PORT',
  'PENSTOCK_WATCHER_PORT',
  'PENSTOCK_TRANSLATOR_PORT',
  'PENSTOCK_XDS_SERVER_PORT',
  'PENSTOCK_STATUS_REPORTER_PORT',
  'PENSTOCK_PROXY_READY_PORT',
] as const

export interface PortChoice {
  /** First of the ports that the services talk over. */
  basePort: number
  /** The demo's backends take this one and the next. */
  backendPort: number
}

/** Values for docker-compose.yml. */
export function portVariables({ basePort, backendPort }: PortChoice): Record<string, string> {
  const numbered = internal.map((name, offset) => [name, String(basePort + offset)] as const)
  return {
    ...Object.fromEntries(numbered),
    PENSTOCK_BACKEND_PORT: String(backendPort),
    PENSTOCK_BACKEND_V2_PORT: String(backendPort + 1),
  }
}

/** One sentence per port that is taken, naming the flag that moves it. */
export async function busyPorts(variables: Readonly<Record<string, string>>, gatewayPort?: number): Promise<string[]> {
  const wanted = Object.entries(variables).map(([name, port]) => ({
    port: Number(port),
    use: name
      .replace(/^PENSTOCK_|_PORT$/g, '')
      .toLowerCase()
      .replaceAll('_', '-'),
    flag: name.startsWith('PENSTOCK_BACKEND') ? '--backend-port' : '--base-port',
  }))
  if (gatewayPort !== undefined) wanted.push({ port: gatewayPort, use: 'the Gateway', flag: '--port' })
  const taken = await Promise.all(wanted.map(({ port }) => accepts('127.0.0.1', port)))
  return wanted
    .filter((_, index) => taken[index])
    .map(({ port, use, flag }) => `port ${port} (${use}) is taken by another process; move it with ${flag} <number>`)
}
