// What a graph computes while a test looks on.
import type { Graph, Round } from '@penstock/incremental'

/** The rounds of all transactions from now on. */
export function recordRounds(graph: Graph): Round[] {
  const rounds: Round[] = []
  const transaction = graph.transaction.bind(graph)
  graph.transaction = (change) => {
    const round = transaction(change)
    rounds.push(round)
    return round
  }
  return rounds
}

/** One line for each function that ran: its collection and its key. */
export const workOf = (rounds: readonly Round[]): string[] =>
  rounds.flatMap(({ work }) => work.map(({ collection, key }) => `${collection} ${key}`))
