// For property tests: a graph that is small enough to shrink well, and histories of it.
import fc from 'fast-check'
import { createGraph, type GraphOptions } from './graph.ts'
import type { Change, History, Subject } from './subject.ts'

// A team names people; a person has a skill and a mentor; a task wants a skill. Few names, so that they collide.
export type Fact =
  | { readonly is: 'team'; readonly people: readonly string[] }
  | { readonly is: 'person'; readonly skill: string; readonly mentor: string }
  | { readonly is: 'task'; readonly skill: string; readonly size: number }

/** It has every kind of node, and every kind of read. With `contests` some keys are yielded by several sources. */
export function createToy(options?: GraphOptions, contests = true): Subject<Fact> {
  const graph = createGraph({ freeze: true, twice: true, ...options })
  const inputs = {
    team: graph.input<Extract<Fact, { is: 'team' }>>('teams'),
    person: graph.input<Extract<Fact, { is: 'person' }>>('people'),
    task: graph.input<Extract<Fact, { is: 'task' }>>('tasks'),
  }
  const members = graph.spread('members', inputs.team, ({ people }, team) =>
    people.map((person, place) => [contests ? person : `${team} ${person}`, { team, person, place }] as const),
  )
  const bySkill = graph.index('bySkill', inputs.person, ({ skill, mentor }) =>
    mentor === skill ? [] : [skill, mentor],
  )
  const byTeam = graph.index('byTeam', members, ({ team }) => [team])
  // Reads that depend on what was read: a chain of mentors, three long at most.
  const chains = graph.derive('chains', inputs.person, (person, key, read) => {
    const chain = [key]
    for (let next = person.mentor; chain.length < 3 && !chain.includes(next); ) {
      const mentor = read.get(inputs.person, next)
      if (mentor === undefined) break
      chain.push(next)
      next = mentor.mentor
    }
    return chain.length > 1 ? { chain } : undefined
  })
  const crowds = graph.derive('crowds', byTeam.keys, (_, team, read) =>
    read.count(byTeam, team) > 1
      ? { chains: read.lookup(byTeam, team).map((m) => read.get(chains, m.value.person)) }
      : { alone: true },
  )
  graph.derive('sizes', byTeam.keys, (_, team, read) => read.count(byTeam, team))
  const jobs = graph.derive('jobs', inputs.task, ({ skill, size }, _, read) => ({
    people: read
      .lookup(bySkill, skill)
      .map(({ key }) => key)
      .slice(0, size),
    crowds: size > 2 ? read.list(crowds).length : read.count(bySkill, skill),
  }))
  const anything = graph.union<unknown>('anything', contests ? [jobs, crowds, chains] : [jobs])
  graph.derive('last', anything, (value, key, read) => (read.get(members, key) ? { value } : key.length))
  const apply = (changes: readonly Change<Fact>[]) =>
    graph.transaction((set) => {
      for (const { key, value } of changes) {
        const [kind, name] = key.split('/') as ['team' | 'person' | 'task', string]
        if (value === undefined) set.delete<unknown>(inputs[kind], name)
        else set.set<Fact>(inputs[kind], name, value)
      }
    })
  return { graph, apply }
}

const name = fc.constantFrom('a', 'b', 'c', 'd')
const fact = fc.oneof(
  fc.record({ is: fc.constant('team' as const), people: fc.array(name, { maxLength: 3 }) }),
  fc.record({ is: fc.constant('person' as const), skill: name, mentor: name }),
  fc.record({ is: fc.constant('task' as const), skill: name, size: fc.nat({ max: 4 }) }),
)
const change: fc.Arbitrary<Change<Fact>> = fc
  .record({ fact, name, gone: fc.integer({ max: 3, min: 0 }) })
  .map((c) => ({ key: `${c.fact.is}/${c.name}`, value: c.gone === 0 ? undefined : c.fact }))
/** Histories of the toy graph. */
export const history: fc.Arbitrary<History<Fact>> = fc.array(fc.array(change, { maxLength: 6 }), { maxLength: 8 })
