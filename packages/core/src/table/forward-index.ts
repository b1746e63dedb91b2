/** Where the forward chunks of a run lie, for access to a relationship by its position. */
import type { CsrGroup, RelRun } from '../catalog/index.js'

/** Where the forward chunks of a run begin, for access by position. */
export interface ForwardIndex {
  /** Forward position of each chunk's first relationship, then the run's rows. */
  readonly starts: Float64Array
  readonly groups: readonly CsrGroup[]
  /** Per chunk: index into `groups`, and of the chunk in that group. */
  readonly groupOfChunk: Uint32Array
  readonly chunkInGroup: Uint32Array
}

export function indexForward(run: RelRun): ForwardIndex {
  const chunks = run.forward.reduce((sum, group) => sum + group.chunks.length, 0)
  const starts = new Float64Array(chunks + 1)
  const groupOfChunk = new Uint32Array(chunks)
  const chunkInGroup = new Uint32Array(chunks)
  let at = 0
  for (const [groupAt, group] of run.forward.entries()) {
    for (const [chunkAt, chunk] of group.chunks.entries()) {
      groupOfChunk[at] = groupAt
      chunkInGroup[at] = chunkAt
      starts[at + 1] = starts[at]! + chunk.rows
      at++
    }
  }
  return { starts, groups: run.forward, groupOfChunk, chunkInGroup }
}
