// docs/reference/permissions.md, from the table of channels: what each service's user may do on NATS, and why.
import { busGrants, busServices, type Grant } from '@penstock/bus'
import { code, page, table } from './markdown.ts'
import { isBuilt } from './services.ts'

export function permissionsDocument(): string {
  return page(
    'Permissions on NATS',
    'Each service is a NATS user of its own, `<install>/<service>`. It may do what stands here and nothing else; a ' +
      'stranger gets in nowhere. `penstock prepare` writes the server’s configuration with these users, and a random password for each, into a file ' +
      'that the service reads on every connect (`PENSTOCK_NATS_PASSWORD_FILE`): to renew one, remove its file, run ' +
      '`penstock prepare` again and send `nats-server` a SIGHUP.',
    'A service that tries more is told so: the log has `bus fault` with the code `bus_refused` and the subject, and ' +
      '`penstock_bus_faults_total` counts it.',
    '## TLS',
    'Where the network is not yours alone, have NATS talk TLS: `penstock prepare --nats-tls <folder>` makes `tls/nats` and a ' +
      '`tls` block in the server’s configuration, `<folder>` being where the server will find those files. Tell the services ' +
      'whom to trust with `PENSTOCK_NATS_CA` (`identity-ca/ca.crt`). A service that trusts somebody says nothing to a NATS ' +
      'without TLS, or of another authority; its log has `bus fault` with the code `bus_untrusted` and what to do. All files ' +
      'are read again on every connect. To change the authority, give the services a file with both first.',
    '## What NATS cannot forbid',
    '- **Whoever may create a stream can read all.** The definition of a stream may name other streams to copy from, and ' +
      'NATS asks for no permission to read those. So only the watcher and the translator create streams, which have every ' +
      'resource at hand anyway; FEEDBACK and PRESENCE, which servers write that face proxies, are created by the translator, ' +
      'and the bucket of all leases by either. No other service has `STREAM.CREATE` or `STREAM.UPDATE`.',
    '- **An answer goes wherever the question says.** NATS checks no permission for the reply subject of a request, so any ' +
      'user can have an answer of NATS, whose words it cannot choose, stored under any subject. As a record of a committed ' +
      'channel it fits no digest: no follower applies it, and the next commit sweeps it. As a lease it ends a term, and the ' +
      'service leads again when it expired. As FEEDBACK or PRESENCE it is unreadable. It delays; it corrupts nothing.',
    '- **A delivery can be ended by whoever knows its name.** The names are random, and no user may list them.',
    '- **Who leads may read whose lease it is.** The holders are random names, and each key can be written by its own ' +
      'service alone.',
    '- **All users share one account,** so a source counts for nothing beside a service: two clusters on one NATS either ' +
      'share the users (`--source a,b`) or have an installation each.',
    ...busServices().flatMap(sectionOf),
  )
}

function sectionOf(service: ReturnType<typeof busServices>[number]): string[] {
  const grants = busGrants({ install: '<install>', service, sources: ['<source>'] })
  const planned = isBuilt(service) ? [] : ['Not built yet. `penstock prepare` makes this user, the charts do not.']
  return [`## ${service}`, ...planned, table(['may', 'subject', 'for'], grants.map(rowOf))]
}

function rowOf({ action, subject, why }: Grant): string[] {
  return [action, code(subject), why]
}
