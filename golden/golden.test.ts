// Every case's outputs, compared with what a person has read and accepted. UPDATE_GOLDEN=1 writes them.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { caseNames, generated, loadCase } from './load-case.ts'
import { createPipeline } from './pipeline.ts'

const update = process.env.UPDATE_GOLDEN === '1'

describe.each(caseNames())('%s', (name) => {
  const { folder, resources } = loadCase(name)
  const pipeline = createPipeline()
  pipeline.apply([...resources].map(([key, value]) => ({ key, value })))
  const outputs = pipeline.outputs()

  it.each(generated)('%s is as accepted', (file) => {
    const path = join(folder, file)
    if (update) writeFileSync(path, outputs[file] ?? '')
    if (!existsSync(path))
      throw new Error(`golden/cases/${name}/${file} is missing; write it with UPDATE_GOLDEN=1 and read it`)
    expect(outputs[file]).toBe(readFileSync(path, 'utf8'))
  })
})
