// What the Dockerfile says of the app to be: run as it stands there, in a folder that is laid out like the build's.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { apps, root } from './built-images.ts'

const dockerfile = readFileSync(join(root, 'Dockerfile'), 'utf8')
const check = /^FROM build AS app\nARG APP\nRUN (.*)$/m.exec(dockerfile)?.[1] ?? ''

let deployed = ''
beforeAll(() => {
  deployed = mkdtempSync(join(tmpdir(), 'penstock-deployed-'))
  for (const app of apps) {
    mkdirSync(join(deployed, app, 'dist'), { recursive: true })
    writeFileSync(join(deployed, app, 'dist/main.js'), '')
  }
  mkdirSync(join(deployed, 'half'))
})
afterAll(() => rmSync(deployed, { recursive: true }))

/** What it prints; throws what it complains of. */
function checked(app: string | undefined, folder: string): string {
  const env = { PATH: process.env['PATH'], ...(app !== undefined && { APP: app }) }
  const script = check.replaceAll('/deployed', folder)
  return execFileSync('sh', ['-c', script], { env, encoding: 'utf8', stdio: 'pipe' })
}

describe('the app of an image', () => {
  it('is what the image takes', () => {
    expect(check).toContain('/deployed')
    expect(dockerfile).toMatch(/^COPY --from=app \/deployed\/\$\{APP\} \/app$/m)
  })

  it.each(apps)('may be %s', (app) => {
    expect(checked(app, deployed)).toBe('')
  })

  it.each(['xds-servr', 'half', '', undefined])('is not %j: the build ends, and says which there are', (app) => {
    const names = [...apps, 'half'].sort().join(' ')
    expect(() => checked(app, deployed)).toThrow(`APP is '${app ?? ''}', not one of: ${names}\n`)
  })

  it('is nothing where nothing was deployed', () => {
    expect(() => checked('cli', join(deployed, 'half'))).toThrow("APP is 'cli', not one of:\n")
  })
})
