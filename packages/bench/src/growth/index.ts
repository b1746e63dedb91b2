/** Many nodes and relationships, far more than the memory budget holds. */
export type { GrowthRecord, GrowthStep } from './record.js'
