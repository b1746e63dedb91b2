/** What the benches' commands take: cases, counts, factors. */
import { InvalidArgumentError } from 'commander'
import { type CaseName, caseNames } from './workloads/index.js'

export function positive(text: string): number {
  const value = Number(text)
  if (!(value > 0)) throw new InvalidArgumentError('A number above 0 is expected.')
  return value
}

export function whole(text: string): number {
  const value = positive(text)
  if (!Number.isInteger(value)) throw new InvalidArgumentError('A whole number is expected.')
  return value
}

/** Gathers names, each of which must be one of `choices`, in any case of letters. */
export function oneOf<Name extends string>(choices: readonly Name[]) {
  return (text: string, earlier: readonly Name[] | undefined): Name[] => {
    const name = choices.find((choice) => choice.toLowerCase() === text.toLowerCase())
    if (name === undefined) throw new InvalidArgumentError(`There are ${choices.join(', ')}.`)
    return [...(earlier ?? []), name]
  }
}

export const caseName: (text: string, earlier: readonly CaseName[] | undefined) => CaseName[] =
  oneOf(caseNames)
