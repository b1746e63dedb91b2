/** What every bench does with its figures: medians, the machine they belong to, JSON files. */
export { beginBench } from './begin-bench.js'
export { megabytes, millions, rowCount, seconds, times } from './format.js'
export { describeMachine, type Machine, machineLine } from './machine.js'
export { dataFolder, ResultsFile, readResults, repositoryFolder, resultsFolder } from './results.js'
export { median } from './statistics.js'
export { terminalTable } from './terminal-table.js'
