// The name of a proxy's identity (SPIFFE-ID, sections 2.1 to 2.3): `spiffe://<install>.penstock.dev/fleet/<namespace>/<gateway>`
// for the fleet `<namespace>~<gateway>`, `…/fleet/<name>` for a fleet of merged Gateways. The one file that writes or
// reads such a name; both ways it is total on legal names.

export interface FleetIdentity {
  readonly install: string
  readonly fleet: string
}

const domain = '.penstock.dev'
// An installation's name is a label of DNS, as on the bus.
const installName = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/
// What a segment of a path may hold; "." and ".." would be steps.
const segment = /^(?!\.{1,2}$)[-\w.]{1,253}$/
const identity = /^spiffe:\/\/([^/]+)\/fleet\/([^/]+)(?:\/([^/]+))?$/

/** Throws for a name that no Gateway can have, and that no setting should. */
export function fleetIdentity(install: string, fleet: string): string {
  const segments = fleet.split('~')
  if (!installName.test(install)) throw new RangeError(`"${install}" cannot be the name of an installation`)
  if (segments.length > 2 || !segments.every((part) => segment.test(part))) {
    throw new RangeError(`"${fleet}" cannot be the name of a fleet: it is <namespace>~<gateway> or one word`)
  }
  return `spiffe://${install}${domain}/fleet/${segments.join('/')}`
}

/** Undefined for what is not exactly the identity of a fleet. */
export function fleetOfIdentity(uri: string): FleetIdentity | undefined {
  const [, trustDomain = '', ...segments] = identity.exec(uri) ?? []
  const parts = segments.filter((part) => part !== undefined)
  const install = trustDomain.endsWith(domain) ? trustDomain.slice(0, -domain.length) : ''
  if (!installName.test(install) || !parts.every((part) => segment.test(part))) return undefined
  return { install, fleet: parts.join('~') }
}
