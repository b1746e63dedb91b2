/** What a measured process says of itself. Loads nothing else: whatever it loads is measured, too. */
export { numbersOf, type ProcessUsage, processUsage } from './process-usage.js'
