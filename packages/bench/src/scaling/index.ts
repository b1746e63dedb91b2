/** What more threads, or more cores, make of an import. */
export type { ScalingBy, ScalingRecord } from './record.js'
