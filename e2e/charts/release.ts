// What a chart comes to with some values: the objects that helm would install.
import { readFile } from 'node:fs/promises'
import { applications } from '@penstock/tools/chart-folders'
import type { Charts } from '@penstock/tools/helm'
import { parse, parseAllDocuments } from 'yaml'
import { certificateVersions } from './certificate-kinds.ts'
import { monitoringVersions } from './monitoring-kinds.ts'
import { triedValues } from './tried-values.ts'

export const namespace = 'penstock-system'

export interface KubeObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
  }
  readonly spec?: Readonly<Record<string, unknown>>
  readonly rules?: readonly RoleRule[]
  readonly roleRef?: { readonly kind: string; readonly name: string }
  readonly subjects?: readonly { readonly kind: string; readonly name: string; readonly namespace?: string }[]
}

export interface RoleRule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly resourceNames?: readonly string[]
  readonly verbs: readonly string[]
}

/** A chart with one of the files of values that it is tried with, as arguments of helm, or with none. */
export interface Case {
  readonly chart: string
  readonly file: string
  readonly args: readonly string[]
}

export async function triedCases(): Promise<readonly Case[]> {
  const tried = await Promise.all(
    applications.map(async (chart) =>
      (await triedValues(chart)).map((args) => ({ chart, file: args[1]?.split('/').at(-1) ?? 'no values', args })),
    ),
  )
  return tried.flat()
}

/** What stands in the file. */
export async function valuesOf({ args }: Case): Promise<Readonly<Record<string, unknown>>> {
  return args[1] === undefined ? {} : (parse(await readFile(args[1], 'utf8')) as Record<string, unknown>)
}

/** For helm, which asks no cluster when it renders: every kind that a chart may bring objects of is there. */
const versions = [...monitoringVersions, ...certificateVersions]

/** As in a cluster that has them all. */
export async function render(
  charts: Charts,
  chart: string,
  ...args: readonly string[]
): Promise<readonly KubeObject[]> {
  const asked = ['release', chart, '--namespace', namespace, ...versions, ...args]
  return parseAllDocuments(await charts.helm('template', ...asked))
    .map((document) => document.toJS() as KubeObject | null)
    .filter((object) => object !== null)
}
