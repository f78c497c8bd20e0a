// Whose helm packs charts: one on the PATH that is new enough spares the user the build of ours.
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { expect, it } from '@jest/globals'
import { usersHelm } from './helm.ts'

it.each([
  ['v4.0.0', 'helm'],
  ['v10.1.2+g12ab', 'helm'],
  ['v3.19.0', undefined],
  ['no version', undefined],
])('a helm that says %j is %s', async (says, expected) => {
  const folder = await mkdtemp(join(tmpdir(), 'penstock-users-helm-'))
  try {
    await writeFile(join(folder, 'helm'), `#!/bin/sh\necho '${says}'\n`)
    await chmod(join(folder, 'helm'), 0o755)
    expect(await usersHelm({ PATH: [folder, process.env['PATH']].join(delimiter) })).toBe(expected)
    expect(await usersHelm({ PATH: join(folder, 'nothing') })).toBeUndefined()
  } finally {
    await rm(folder, { recursive: true })
  }
})
