import { describeMachine, type Machine, machineLine } from './machine.js'
import { ResultsFile } from './results.js'

/** What every bench writes down besides its figures, and where. */
interface BegunBench {
  readonly machine: Machine
  /** ISO 8601. */
  readonly startedAt: string
  readonly results: ResultsFile
}

/** Begins a bench: says on which machine it runs. */
export function beginBench(name: string): BegunBench {
  const machine = describeMachine()
  console.log(machineLine(machine))
  return { machine, startedAt: new Date().toISOString(), results: new ResultsFile(name) }
}
