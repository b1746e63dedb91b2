/** What every bench does with its figures: medians, the machine they belong to, JSON files. */
export { describeMachine, type Machine, machineLine } from './machine.js'
export { dataFolder, saveResults } from './results.js'
export { median } from './statistics.js'
