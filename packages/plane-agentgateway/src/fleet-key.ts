// Every collection of resources is keyed `<fleet>/<resource name>`; a fleet's name holds no "/".

export const inFleet = (fleet: string, name: string): string => `${fleet}/${name}`

export const fleetOf = (key: string): string => key.slice(0, key.indexOf('/'))

/** The name under which the fleet's proxies know the resource. */
export const nameOf = (key: string): string => key.slice(key.indexOf('/') + 1)
