// Which metrics a query reads, and which of their labels it names; enough of PromQL for what stands here.

export interface Named {
  /** As in the query, `_bucket` and the like included. */
  readonly metrics: ReadonlySet<string>
  /** By metric: labels in its braces. */
  readonly matched: ReadonlyMap<string, ReadonlySet<string>>
  /** Labels after by, on, ignoring and group_left. */
  readonly grouped: ReadonlySet<string>
}

const token = /"(?:[^"\\]|\\.)*"|[A-Za-z_:$][\w:]*|[{}()[\],=]/g
const grouping: ReadonlySet<string> = new Set(['by', 'without', 'on', 'ignoring', 'group_left', 'group_right'])
const words: ReadonlySet<string> = new Set([...grouping, 'and', 'or', 'unless', 'offset', 'bool'])
/** After the name of a function or an aggregation. */
const followsFunction: ReadonlySet<string> = new Set(['(', 'by', 'without'])

export function namesIn(query: string): Named {
  const metrics = new Set<string>()
  const matched = new Map<string, Set<string>>()
  const grouped = new Set<string>()
  // Ranges are numbers and variables.
  const tokens = [...query.replaceAll(/\[[^\]]*\]|offset\s+\S+/g, ' ').matchAll(token)].map(([text]) => text)
  let metric = ''
  for (let at = 0; at < tokens.length; at += 1) {
    const [text = '', next] = [tokens[at], tokens[at + 1]]
    if (grouping.has(text) && next === '(') {
      for (at += 2; tokens[at] !== ')'; at += 1) if (tokens[at] !== ',') grouped.add(tokens[at] ?? '')
    } else if (text === '{') {
      for (at += 1; tokens[at] !== '}'; at += 1) if (isName(tokens[at])) matched.get(metric)?.add(tokens[at] ?? '')
    } else if (isName(text) && !followsFunction.has(next ?? '') && !words.has(text)) {
      metric = text
      metrics.add(metric)
      matched.set(metric, matched.get(metric) ?? new Set())
    }
  }
  return { metrics, matched, grouped }
}

const isName = (text = ''): boolean => /^[A-Za-z_]/.test(text)
