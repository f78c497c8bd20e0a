// The words of agentgateway: CEL, as what an access log shows of a request. It would not start with what is none.
import { parse } from '@bufbuild/cel'

/** Why it is no expression. Whether a request has what it names shows with requests. */
export function expressionProblem(text: string): string | undefined {
  try {
    parse(text)
    return undefined
  } catch (thrown) {
    const [line = ''] = (thrown instanceof Error ? thrown.message : String(thrown)).split('\n')
    return `"${text}" is no CEL, ${line.replace(/\.$/, '')}`
  }
}
