// Every case's outputs, compared with what a person has read and accepted. UPDATE_GOLDEN=1 writes them.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import type { PlaneName } from '@penstock/ir'
import { complaintsOf } from './agentgateway-references.ts'
import { caseNames, loadCase } from './load-case.ts'
import { createPipeline, type Pipeline } from './pipeline.ts'

const update = process.env.UPDATE_GOLDEN === '1'

describe.each(caseNames())('%s', (name) => {
  const { folder, resources, managed, generated } = loadCase(name)
  const changes = [...resources].map(([key, value]) => ({ key, value }))
  const run = (plane: PlaneName): Pipeline => {
    const pipeline = createPipeline(plane, { managed })
    pipeline.apply(changes)
    return pipeline
  }
  const agentgateway = run('agentgateway')
  const outputs: Record<string, string | undefined> = { ...run('envoy').outputs(), ...agentgateway.outputs() }
  // Said only where the plane cannot do what Envoy can.
  if (outputs['status.agentgateway.yaml'] === outputs['status.yaml']) delete outputs['status.agentgateway.yaml']

  it.each(generated)('%s is as accepted', (file) => {
    const path = join(folder, file)
    const output = outputs[file]
    if (update && output === undefined) rmSync(path, { force: true })
    else if (update) writeFileSync(path, output ?? '')
    if (output !== undefined && !existsSync(path))
      throw new Error(`golden/cases/${name}/${file} is missing; write it with UPDATE_GOLDEN=1 and read it`)
    expect(output).toBe(existsSync(path) ? readFileSync(path, 'utf8') : undefined)
  })

  it('agentgateway could take it', () => {
    expect(complaintsOf(agentgateway.resources())).toEqual([])
  })
})
