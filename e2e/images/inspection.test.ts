import { expect, it } from '@jest/globals'
import { type InspectedImage, troublesOf } from './inspection.ts'

const good: InspectedImage = {
  name: 'it',
  user: '65532:65532',
  entrypoint: ['/usr/local/bin/node', '/app/dist/main.js'],
  labels: { 'org.opencontainers.image.title': 'penstock-it' },
  ...{ bytes: 2, ownBytes: 1 },
  closed: [],
  files: ['usr/local/bin/node', 'app/dist/main.js', 'app/node_modules/yaml/package.json'],
}
const having = (...files: string[]): InspectedImage => ({ ...good, files: [...good.files, ...files] })

it.each<[string, InspectedImage, string[]]>([
  ['one as it must be', good, []],
  ['root', { ...good, user: '' }, ['it runs as root']],
  ['what not all may read', { ...good, closed: ['app/key'] }, ['it has app/key: not every user may read it']],
  ['no service', { ...good, files: [] }, ['it has no app/dist/main.js']],
  ['a source map', having('app/dist/a.js.map'), ['it has app/dist/a.js.map: only those who write programs read it']],
  ['a package manager', having('usr/local/bin/npm'), ['it has usr/local/bin/npm: it installs things']],
  ['a shell', having('bin/sh'), ['it has bin/sh: it is a shell']],
  ['a busybox', having('bin/busybox'), ['it has bin/busybox: it is a shell']],
  ['where packages came from', having('etc/npmrc'), ['it has etc/npmrc: it tells of the machine that built it']],
])('an image with %s', (_, image, expected) => {
  expect(troublesOf(image)).toEqual(expected)
})
