// A page of the manual, followed to the letter: its blocks marked `sh`, in their order, in one shell.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

export interface Block {
  /** The heading that it is under. */
  readonly section: string
  readonly script: string
}

export function blocksOf(markdown: string): readonly Block[] {
  let section = ''
  let open: string[] | undefined
  const blocks: Block[] = []
  for (const line of markdown.split('\n')) {
    if (open && line === '```') {
      blocks.push({ section, script: open.join('\n') })
      open = undefined
    } else if (open) open.push(line)
    else if (line === '```sh') open = []
    else if (line.startsWith('#')) section = line.replace(/^#+ */, '')
  }
  return blocks
}

export interface Shell {
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  /** Told after each block: how long it took, and what it said. */
  onBlock(block: Block, ms: number, said: string): void
}

const mark = '-- end of block --'

/** Rejects with what was said where a command fails, as a shell does that was told to be strict. */
export async function follow(blocks: readonly Block[], { cwd, env, onBlock }: Shell): Promise<void> {
  const script = blocks.map((block) => `${block.script}\necho; echo '${mark}'`).join('\n')
  // What still runs at the end would hold the stream open.
  const ending = `trap 'kill $(jobs -p) 2> /dev/null || true' EXIT`
  // One stream, so that complaints stand where they belong.
  const shell = spawn('bash', ['-c', `exec 2>&1; set -euo pipefail; ${ending}\n${script}`], {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const closed = once(shell, 'close') as Promise<[number | null]>
  let [startedMs, place, said] = [performance.now(), 0, '']
  for await (const line of createInterface({ input: shell.stdout })) {
    const block = blocks[place]
    if (line !== mark || !block) {
      said += `${line}\n`
      continue
    }
    onBlock(block, performance.now() - startedMs, said.trim())
    ;[startedMs, place, said] = [performance.now(), place + 1, '']
  }
  const [code] = await closed
  if (code !== 0) throw new Error(`the page fails at\n${blocks[place]?.script}\n\n${said}`)
}
