import { describe, expect, it } from '@jest/globals'
import { type Block, blocksOf, follow } from './page.ts'

const page =
  '# Title\n\n```sh\nA=1\n```\n\n```bash\nfalse\n```\n\n## Then\n\n```yaml\na: 1\n```\n\n```sh\ncat <<END\n# $A\nEND\n```\n'

describe('a page', () => {
  it('is followed block by block in one shell, passing over what is only shown', async () => {
    const told: [Block, string][] = []
    const onBlock = (block: Block, _: number, said: string): void => void told.push([block, said])
    await follow(blocksOf(page), { cwd: '.', env: process.env, onBlock })
    expect(told).toEqual([
      [{ section: 'Title', script: 'A=1' }, ''],
      [{ section: 'Then', script: 'cat <<END\n# $A\nEND' }, '# 1'],
    ])
  })

  it.each(['', 'false'])('ends what a block leaves running, then %j', async (end) => {
    const blocks = [{ section: '', script: `sleep 600 &\n${end}` }]
    const following = follow(blocks, { cwd: '.', env: process.env, onBlock: () => {} })
    await expect(following.then(() => '').catch(() => 'false')).resolves.toBe(end)
  })

  it.each(['false | cat', 'echo $UNSET', 'echo why >&2; exit 3'])(
    'fails where %s does, and says where',
    async (script) => {
      const blocks = [
        { section: '', script: 'true' },
        { section: '', script },
      ]
      const following = follow(blocks, { cwd: '.', env: { PATH: process.env['PATH'] }, onBlock: () => {} })
      await expect(following).rejects.toThrow(`the page fails at\n${script}`)
    },
  )
})
