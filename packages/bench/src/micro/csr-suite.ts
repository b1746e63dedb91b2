/**
 * The kernels of the CSR build: ordering relationships by their node, and gathering a property in that order.
 */
import { csrGroupNodes, instantiateKernels } from '@millrace/core/internal'
import { randomBelow } from './random.js'
import { type KernelCase, makeArena } from './suite.js'

/** The two kernels of the build that every relationship passes. */
interface CsrKernels {
  orderByNode(
    nodes: number,
    rows: number,
    firstNode: number,
    nodesPerPartition: number,
    partitions: number,
    counts: number,
    places: number,
    order: number,
  ): number
  gatherLanes(lanes: number, order: number, rows: number, out: number): void
}

const rows = 1_000_000
const laneBytes = 8

export function csrCases(): KernelCase[] {
  const arena = makeArena()
  const nodes = arena.allocate(rows * laneBytes)
  const values = arena.allocate(rows * laneBytes)
  const gathered = arena.allocate(rows * laneBytes)
  const order = arena.allocate(rows * 4)
  const counts = arena.allocate(csrGroupNodes * 4)
  const places = arena.allocate(csrGroupNodes * 4)
  const kernels = instantiateKernels(arena.memory) as unknown as CsrKernels
  const lanes = new BigInt64Array(arena.memory.buffer, nodes, rows)
  for (let row = 0; row < rows; row++) lanes[row] = BigInt(randomBelow(row, 1, csrGroupNodes))
  const sort = () => {
    const failed = kernels.orderByNode(nodes, rows, 0, 1, csrGroupNodes, counts, places, order)
    if (failed !== 0) throw new Error('a node lies outside the group')
  }
  sort()
  const size = { bytes: rows * laneBytes, values: rows }
  return [
    { name: 'order by node', ...size, run: sort },
    {
      name: 'gather a property',
      ...size,
      run: () => kernels.gatherLanes(values, order, rows, gathered),
    },
  ]
}
