// The programs that are built from source for the test bed, with their versions: one row each. go.mod and go.sum beside
// the sources pin everything below them.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Program {
  readonly version: string
  /** What `go build` makes, by the file's name. */
  readonly outputs: Readonly<Record<string, Output>>
  /** More names for an output, for one that is several programs: they become links in the same folder. */
  readonly links?: Readonly<Record<string, readonly string[]>>
  /** Folders of modules it is built with, copied beside it. */
  readonly copies?: Readonly<Record<string, { readonly module: string; readonly folder: string }>>
  readonly ldflags?: string
}

export interface Output {
  readonly package: string
  /** A test binary (`go test -c`). */
  readonly test?: true
}

const kubernetes = '1.36.3'
const component = 'k8s.io/component-base/version'

export const programs = {
  kubernetes: {
    version: kubernetes,
    outputs: { kubernetes: { package: '.' }, pause: { package: './pause' } },
    links: {
      kubernetes: [
        ...['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubelet', 'kube-proxy'],
        ...['kubectl', 'address-pool'],
      ],
    },
    // Without a version the API server says v0.0.0 and clients refuse it.
    ldflags: [
      `-X ${component}.gitVersion=v${kubernetes}`,
      `-X ${component}.gitMajor=${kubernetes.split('.')[0]}`,
      `-X ${component}.gitMinor=${kubernetes.split('.')[1]}`,
      `-X ${component}.gitTreeState=clean`,
    ].join(' '),
  },
  coredns: { version: '1.15.0', outputs: { coredns: { package: '.' } } },
  conformance: {
    version: '1.7.0',
    outputs: {
      conformance: { package: '.', test: true },
      'echo-basic': { package: 'sigs.k8s.io/gateway-api-conformance-images/echo-basic' },
    },
    copies: { crds: { module: 'sigs.k8s.io/gateway-api', folder: 'config/crd/experimental' } },
  },
  helm: { version: '4.3.1', outputs: { helm: { package: '.' } } },
  compose: { version: '2.16.2', outputs: { compose: { package: '.' } } },
} as const satisfies Record<string, Program>

export type ProgramName = keyof typeof programs

export const programNames = Object.keys(programs) as ProgramName[]

export const isProgramName = (name: string): name is ProgramName => name in programs

/** The folder of a program's sources. */
export const sourcesOf = (name: ProgramName): string => join(import.meta.dirname, 'go', name)

/** What a built program depends on, hashed: sources, pinned modules, flags, the compiler and the platform. */
export function stampOf(name: ProgramName): string {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch} ${JSON.stringify(programs[name])}`)
  hash.update(readFileSync(join(import.meta.dirname, '../go-requirements.txt')))
  const folder = sourcesOf(name)
  for (const file of readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.go$|^go\.(mod|sum)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()) {
    hash.update(`\n${file.slice(folder.length)}\n`).update(readFileSync(file))
  }
  return hash.digest('hex').slice(0, 16)
}
