/**
 * `pnpm bench:micro [suite…]`: the kernels, each beside a plain copy of the same bytes. Prints a table and
 * keeps it as JSON. One thread, everything in memory: what a kernel can do, not what an import does.
 */
import { Command, InvalidArgumentError } from 'commander'
import { describeMachine, machineLine, ResultsFile } from '../report/index.js'
import { figuresTable, type KernelFigure, timeSuite } from './suite.js'
import { suiteNames, suites } from './suites.js'

function suiteName(text: string, earlier: readonly string[] | undefined): string[] {
  if (!suiteNames.includes(text)) throw new InvalidArgumentError(`The suites are ${suiteNames.join(', ')}.`)
  return [...(earlier ?? []), text]
}

async function benchKernels(chosen: readonly string[]): Promise<void> {
  const machine = describeMachine()
  console.log(machineLine(machine))
  const figures: KernelFigure[] = []
  for (const name of chosen) {
    figures.push(...(await timeSuite(name, suites[name]?.() ?? [])))
  }
  console.log(figuresTable(figures))
  const results = new ResultsFile('micro')
  results.save({ startedAt: new Date().toISOString(), machine, figures })
  console.log(`As JSON: ${results.path}`)
}

await new Command('bench:micro')
  .description('The kernels, each beside a plain copy of the same bytes.')
  .argument('[suite...]', `the suites: ${suiteNames.join(', ')} (default: all)`, suiteName)
  .action((chosen: string[]) => benchKernels(chosen.length === 0 ? suiteNames : chosen))
  .parseAsync()
