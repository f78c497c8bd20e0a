import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { checkDeployed } from './deploy.mjs'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'penstock-deploy-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function lay(app: string, file: string): void {
  mkdirSync(join(folder, app, 'dist'), { recursive: true })
  writeFileSync(join(folder, app, file), '')
}

describe('what was deployed', () => {
  it('has every app with what starts it', () => {
    lay('cli', 'dist/main.js')
    expect(() => checkDeployed(folder, ['cli'])).not.toThrow()
  })

  it('is refused where an app is missing, or was not built', () => {
    lay('cli', 'dist/main.js')
    lay('watcher', 'package.json')
    expect(() => checkDeployed(folder, ['cli', 'watcher', 'translator'])).toThrow('dist/main.js of watcher, translator')
  })

  it('is refused where there are no apps at all', () => {
    expect(() => checkDeployed(folder, [])).toThrow('there are no apps')
  })
})
