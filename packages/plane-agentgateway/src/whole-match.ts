// Regular expressions of the Gateway API are of the whole value. The proxy takes the first match that it finds and asks
// whether that is the whole, so of `a|ab` it never takes "ab": such an expression is tied to both ends.

/** An alternative may win that is too short, as may what takes as little as it can. */
const mayEndEarly = /\||[*+?}]\?/

const flags = /^\(\?[a-zA-Z-]+\)/

export function wholeMatch(expression: string): string {
  if (!mayEndEarly.test(expression)) return expression
  const [leading = ''] = flags.exec(expression) ?? []
  return `${leading}^(?:${expression.slice(leading.length)})$`
}
