// Redirects and rewrites: what becomes of a request's URL.
import type { PathMatch } from './accept-match.ts'
import { createHeaderList } from './header-list.ts'
import type { RequestRedirect, UrlRewrite } from './policy-tables.ts'
import { type Answer, ProxyFault } from './proxy-fault.ts'
import { splitTarget } from './route-choice.ts'

export interface RequestUrl {
  readonly scheme: string
  readonly authority: string
  /** Path and query. */
  readonly target: string
}

type PathEdit = { readonly is: 'full' | 'prefix'; readonly value: string } | undefined

export const redirectAnswer = (redirect: RequestRedirect, url: RequestUrl, matched: PathMatch): Answer => ({
  status: redirect.status || 302,
  headers: createHeaderList([['location', redirected(redirect, url, matched)]]),
  body: new Uint8Array(),
})

export function redirected(redirect: RequestRedirect, url: RequestUrl, matched: PathMatch): string {
  const scheme = redirect.scheme || url.scheme
  const authority = redirectedAuthority(redirect, url, scheme)
  return `${scheme}://${authority}${editedTarget(redirect.path, url.target, matched)}`
}

function redirectedAuthority({ scheme: told, host, port }: RequestRedirect, url: RequestUrl, scheme: string): string {
  const [ownHost, ownPort] = splitAuthority(url.authority)
  if (host !== '' && port !== 0) return `${host}:${port}`
  if (port !== 0) return join(ownHost, portUnlessUsual(scheme, port))
  if (host === '') return url.authority
  // Of a host alone the request's port stays, unless a scheme is told too.
  return told === 'http' || told === 'https' || ownPort === undefined
    ? host
    : join(host, portUnlessUsual(scheme, ownPort))
}

export const rewritten = ({ host, path }: UrlRewrite, url: RequestUrl, matched: PathMatch): RequestUrl => ({
  ...url,
  authority: host || url.authority,
  target: editedTarget(path, url.target, matched),
})

function editedTarget(edit: PathEdit, target: string, matched: PathMatch): string {
  if (edit === undefined) return target
  const [path, query] = splitTarget(target)
  const edited = edit.is === 'full' ? edit.value || '/' : replacePrefix(edit.value, path, matched)
  return query === undefined ? edited : `${edited}?${query}`
}

function replacePrefix(by: string, path: string, matched: PathMatch): string {
  if (matched.is !== 'prefix') throw new ProxyFault(500, 'prefix redirect requires prefix match')
  const rest = path.slice(matched.path.replace(/\/+$/, '').length)
  if (rest !== '' && !by.endsWith('/') && !rest.startsWith('/')) return `${by}/${rest}`
  return (by.endsWith('/') && rest.startsWith('/') ? `${by.slice(0, -1)}${rest}` : `${by}${rest}`) || '/'
}

export const usualPorts: Readonly<Record<string, number>> = { http: 80, https: 443 }

const portUnlessUsual = (scheme: string, port: number): number | undefined =>
  usualPorts[scheme] === port ? undefined : port

const join = (host: string, port: number | undefined): string => (port === undefined ? host : `${host}:${port}`)

export function splitAuthority(authority: string): readonly [host: string, port: number | undefined] {
  const [, host = authority, port] = /^(\[.*\]|[^:]*)(?::(\d+))?$/.exec(authority) ?? []
  return [host, port === undefined ? undefined : Number(port)]
}
