// The suite's tests by profile: which there are, and how many pass. A profile's core is what everyone must do; its
// extended tests are for features that one may claim.
import type { ResultList } from './result-list.ts'

export interface CatalogueEntry {
  readonly name: string
  readonly features: readonly string[]
  /** Level by profile; a few tests ask for more than any profile has. */
  readonly profiles: Readonly<Record<string, 'core' | 'extended'>>
}

const levels = ['core', 'extended'] as const

/** A line for each profile: `GATEWAY-HTTP core 40/40 extended 12/64`, then what fails of it. */
export function profileTable(catalogue: readonly CatalogueEntry[], results: ResultList): readonly string[] {
  const profiles = [...new Set(catalogue.flatMap((entry) => Object.keys(entry.profiles)))].sort()
  return profiles.map((profile) => {
    const counts = levels.map((level) => {
      const tests = catalogue.filter((entry) => entry.profiles[profile] === level)
      return `${level} ${tests.filter(({ name }) => results.get(name) === 'pass').length}/${tests.length}`
    })
    const failed = catalogue.filter(({ name, profiles: of }) => of[profile] && results.get(name) === 'fail')
    const list = failed.length > 0 ? `; failed: ${failed.map(({ name }) => name).join(', ')}` : ''
    return `${profile} ${counts.join(' ')}${list}`
  })
}

/** The profiles of whose core all features are there: the suite takes the core of each profile it is asked for as claimed. */
export function claimedProfiles(catalogue: readonly CatalogueEntry[], claimed: ReadonlySet<string>): readonly string[] {
  const profiles = [...new Set(catalogue.flatMap((entry) => Object.keys(entry.profiles)))].sort()
  return profiles.filter((profile) =>
    catalogue.every((entry) => entry.profiles[profile] !== 'core' || entry.features.every((name) => claimed.has(name))),
  )
}
