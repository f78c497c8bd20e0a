// Which listeners Envoy has taken, by its own word.

interface ListenerList {
  listener_statuses?: { local_address?: { socket_address?: { port_value?: number } } }[]
}

/** The ports of its listeners, before or after it accepts connections there; empty while it does not answer. */
export async function envoyPorts(adminPort: number): Promise<Set<number>> {
  try {
    const response = await fetch(`http://127.0.0.1:${adminPort}/listeners?format=json`)
    const { listener_statuses = [] } = (await response.json()) as ListenerList
    return new Set(listener_statuses.flatMap(({ local_address }) => local_address?.socket_address?.port_value ?? []))
  } catch {
    return new Set()
  }
}
