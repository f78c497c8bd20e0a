// The whole corpus on a real agentgateway. It binds the wildcard address, so each case has a network namespace of its own.
import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { casesFolder } from '@penstock/golden/cases'

export type Outcome = 'passed' | 'failed' | 'unsupported'

export interface CaseResult {
  readonly name: string
  readonly outcome: Outcome
  /** One sentence each: what was not as expected. */
  readonly complaints: readonly string[]
}

export interface CorpusOptions {
  readonly names: readonly string[]
  /** How many at a time. */
  readonly jobs: number
  onResult(result: CaseResult): void
}

export async function runCorpus({ names, jobs, onResult }: CorpusOptions): Promise<CaseResult[]> {
  const left = [...names]
  const results: CaseResult[] = []
  const work = async (): Promise<void> => {
    for (let name = left.shift(); name !== undefined; name = left.shift()) {
      const complaints = await complaintsOf(name)
      const result = { name, outcome: outcomeOf(name, complaints), complaints }
      results.push(result)
      onResult(result)
    }
  }
  await Promise.all(Array.from({ length: jobs }, work))
  return results
}

const deadlineMs = 120_000

/** Whoever is not root needs a namespace of users too. */
export const unshare = process.getuid?.() === 0 ? ['-n'] : ['-rn']
const inside = 'ip link set lo up && exec "$0" "$@"'

async function complaintsOf(name: string): Promise<readonly string[]> {
  const command = [process.execPath, join(import.meta.dirname, 'one-case.ts'), name]
  const options = { timeout: deadlineMs, killSignal: 'SIGKILL' } as const
  try {
    const { stdout } = await promisify(execFile)('unshare', [...unshare, 'sh', '-c', inside, ...command], options)
    return JSON.parse(stdout) as string[]
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)]
  }
}

function outcomeOf(name: string, complaints: readonly string[]): Outcome {
  if (complaints.length > 0) return 'failed'
  return lacks(name, 'status.agentgateway.yaml') > lacks(name, 'status.yaml') ? 'unsupported' : 'passed'
}

/** How much a status says of what the plane lacks. It has a file of its own where it says something else. */
function lacks(name: string, status: string): number {
  const file = join(casesFolder, name, status)
  return existsSync(file) ? (readFileSync(file, 'utf8').match(/\bnot\s+supported\s+here\b/g)?.length ?? 0) : 0
}
