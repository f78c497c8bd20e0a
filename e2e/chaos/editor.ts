// Which edit is next: all kinds in turn, for ever; and one file that is broken as long as a fault lasts.
import type { Edit, Edits } from './edits.ts'

export interface Editor {
  next(): Edit
  /** Leaves a route of which only those who saw it earlier know what it was. */
  breakFile(): Edit
  mendFile(): Edit
  /** What leaves the folder such that a fresh start reads it as a running one does: nothing broken, nothing refused. */
  last(): readonly Edit[]
}

/** Added routes that exist at a time. */
const addedAtOnce = 3

export function createEditor(edits: Edits): Editor {
  let number = 0
  const added: string[] = []
  const change = (name: string) => (): Edit => edits.change(name, number)
  const move = (): Edit => edits.moveTo(number % 2 === 0 ? 'v1' : 'v2')
  const add = (): Edit => {
    const name = `added-${number}`
    added.push(name)
    return edits.add(name)
  }
  const remove = (): Edit => {
    const name = added.length > addedAtOnce ? added.shift() : undefined
    return name === undefined ? change('edited')() : edits.remove(name)
  }
  const { takePort, leavePort, writeUnknownField } = edits
  const turn = [
    ...[change('edited'), add, move, takePort, change('edited'), remove],
    ...[writeUnknownField, add, move, leavePort, change('edited'), remove],
  ]
  return {
    next() {
      number += 1
      return (turn[number % turn.length] ?? move)()
    },
    breakFile: edits.breakMended,
    mendFile() {
      number += 1
      return edits.change('mended', number)
    },
    last() {
      number += 1
      return [change('mended')(), change('edited')(), leavePort()]
    },
  }
}
