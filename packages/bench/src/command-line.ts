/** What the benches' commands take: cases, counts, factors, and the options that all of them share. */
import { Command, InvalidArgumentError } from 'commander'
import { dataFolder } from './report/index.js'
import { type CaseName, caseNames, defaultSeed } from './workloads/index.js'

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

/** Gathers numbers above 0. */
export function positives(text: string, earlier: readonly number[] | undefined): number[] {
  return [...(earlier ?? []), positive(text)]
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

/** What every bench that imports can be told. */
export interface BenchOptions {
  readonly scale: number
  readonly runs: number
  readonly seed: number
  /** Where inputs and databases lie. */
  readonly folder: string
}

/** A command with the options that every bench takes which imports. `runs`: how many, unless told. */
export function benchCommand(name: string, description: string, { runs }: { runs: number | 'one' }): Command {
  const command = new Command(name)
    .description(description)
    .option('--scale <factor>', 'rows of each workload, as a part of the whole', positive, 1)
    .option('--seed <number>', 'another seed makes other data of the same shape and size', whole, defaultSeed)
    .option('--folder <path>', 'where inputs and databases lie', dataFolder)
  return runs === 'one' ? command : command.option('--runs <count>', 'runs of each kind', whole, runs)
}

export function withCold(command: Command): Command {
  return command.option('--cold', 'drop the input from the page cache before each run', false)
}
