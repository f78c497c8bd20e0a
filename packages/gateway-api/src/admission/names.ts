// How Kubernetes spells names, labels and namespaces (apimachinery, util/validation). Each function returns what is wrong,
// in the API server's words; an empty list: nothing.

const label1123 = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const label1035 = '[a-z]([-a-z0-9]*[a-z0-9])?'
const qualifiedPart = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'

export const dns1123Label = rule(
  63,
  label1123,
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
)

export const dns1123Subdomain = rule(
  253,
  `${label1123}(\\.${label1123})*`,
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
)

export const dns1035Label = rule(
  63,
  label1035,
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
)

export const labelValue = rule(
  63,
  `(${qualifiedPart})?`,
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
)

const namePart = rule(
  63,
  qualifiedPart,
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
)

/** `name` or `prefix.example.com/name`: the key of a label or an annotation. */
export function qualifiedName(text: string): string[] {
  const [first = '', second, ...rest] = text.split('/')
  if (rest.length > 0) return ['a qualified name has at most one slash, between a DNS subdomain and the name']
  if (second === undefined) return namePart(first)
  return [...dns1123Subdomain(first).map((problem) => `prefix part: ${problem}`), ...namePart(second)]
}

/** By the names that CEL rules use (`format.dns1123Label()`). */
export const nameFormats: Readonly<Record<string, (text: string) => string[]>> = {
  dns1035Label,
  dns1123Label,
  dns1123Subdomain,
  labelValue,
  qualifiedName,
}

function rule(maxLength: number, pattern: string, sentence: string): (text: string) => string[] {
  const whole = new RegExp(`^${pattern}$`)
  return (text) => {
    const problems = whole.test(text) ? [] : [`${sentence} (regex used for validation is '${pattern}')`]
    return text.length > maxLength ? [...problems, `must be no more than ${maxLength} characters`] : problems
  }
}
