/** Two imports at once, in one process and in two. */
export type { TogetherPoint, TogetherRecord, Way } from './record.js'
