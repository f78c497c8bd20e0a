// HTTPRequestRedirectFilter: where the Location header points.
import type { Redirect } from '@penstock/ir'
import {
  type RedirectAction,
  RedirectAction_RedirectResponseCode,
} from './gen/envoy/config/route/v3/route_components.ts'
import { emitPathEdit } from './path-edits.ts'

/** What a route can know of its listener. Never its name: routes are the same for all that listen alike. */
export interface Site {
  readonly scheme: 'http' | 'https'
  readonly port: number
}

const wellKnownPorts: Readonly<Record<string, number>> = { http: 80, https: 443 }

const { MOVED_PERMANENTLY, FOUND, SEE_OTHER, TEMPORARY_REDIRECT, PERMANENT_REDIRECT } =
  RedirectAction_RedirectResponseCode
const codes: Readonly<Record<number, RedirectAction_RedirectResponseCode>> = {
  301: MOVED_PERMANENTLY,
  302: FOUND,
  303: SEE_OTHER,
  307: TEMPORARY_REDIRECT,
  308: PERMANENT_REDIRECT,
}

export interface RedirectRoutes {
  /** For every request. */
  readonly action: RedirectAction
  /** For a request whose Host names a port, where that must not be carried over; it goes before the other. */
  readonly hostWithPort?: RedirectAction
}

export function emitRedirect(redirect: Redirect, prefix: string | undefined, site: Site): RedirectRoutes {
  const scheme = redirect.scheme === '' ? site.scheme : redirect.scheme
  // A scheme that is named brings its own port (HTTPRequestRedirectFilter.port).
  const impliedPort = redirect.scheme === '' ? site.port : (wellKnownPorts[scheme] ?? site.port)
  const port = redirect.port === 0 ? impliedPort : redirect.port
  const responseCode = codes[redirect.status]
  if (responseCode === undefined) throw new Error(`a redirect with status ${redirect.status}`)
  const pathRewriteSpecifier = emitPath(redirect, prefix)
  const action: RedirectAction = {
    ...(redirect.scheme === '' ? {} : { schemeRewriteSpecifier: { $case: 'schemeRedirect', value: scheme } }),
    ...(redirect.hostname === '' ? {} : { hostRedirect: redirect.hostname }),
    ...(pathRewriteSpecifier === undefined ? {} : { pathRewriteSpecifier }),
    responseCode,
  }
  const withPort: RedirectAction = { ...action, portRedirect: port }
  if (wellKnownPorts[scheme] !== port) return { action: withPort }
  // Envoy keeps the port of the Host header unless told one: "example.com:8080" sent to https would stay on 8080. Told the
  // well-known one it says it, which the specification would rather not have.
  return redirect.hostname === '' ? { action, hostWithPort: withPort } : { action }
}

function emitPath(redirect: Redirect, prefix: string | undefined): RedirectAction['pathRewriteSpecifier'] {
  const rewrite = emitPathEdit(redirect.path, prefix)
  if (rewrite?.$case === 'full') return { $case: 'pathRedirect', value: rewrite.value }
  if (rewrite?.$case === 'prefix') return { $case: 'prefixRewrite', value: rewrite.value }
  return rewrite && { $case: 'regexRewrite', value: rewrite.value }
}
