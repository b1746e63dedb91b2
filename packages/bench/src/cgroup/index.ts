/** Imports inside a memory cgroup, where the page cache counts, too. */
export type { CgroupPoint, CgroupRecord } from './record.js'
