/**
 * Looks at the keys of tables for the plan of a load, on the writer thread, which has nothing else to do
 * then: reading a sample of them takes up to a tenth of a second.
 */
import {
  Arena,
  createWorkingMemory,
  keyPackingOf,
  keyReadBytes,
  MemoryBudget,
  type NodeTable,
  type PageReader,
  SegmentSource,
  sampleHasCodes,
} from '@millrace/core/internal'
import type { KeyAnswers, KeysRequest } from './protocol.js'

/**
 * What was asked for. The memory that a sample is read into is garbage afterwards.
 * @throws MillraceError `MILLRACE_CORRUPT` when a key segment is damaged, `MILLRACE_MEMORY_BUDGET`
 */
export function lookAtKeys(
  reader: PageReader,
  table: NodeTable,
  { asked, budgetBytes }: KeysRequest,
): KeyAnswers {
  const readBytes = asked.includes('readBytes') ? { readBytes: keyReadBytes({ reader }, table) } : {}
  if (!readsSample(asked)) return readBytes
  const budget = new MemoryBudget(budgetBytes)
  const source = new SegmentSource(reader, createWorkingMemory(new Arena(budget, budgetBytes)), budget, 0)
  return {
    ...readBytes,
    ...(asked.includes('hasCodes') ? { hasCodes: sampleHasCodes(source, table) } : {}),
    ...(asked.includes('packing') ? { packing: keyPackingOf(source, table) } : {}),
  }
}

/** Whether a sample of the keys is read for that. */
export function readsSample(asked: KeysRequest['asked']): boolean {
  return asked.includes('hasCodes') || asked.includes('packing')
}
