/** One row of JavaScript values as a batch: what statements that are no queries answer with. */
import type { ValueType } from '../expression/types.js'
import type { ResultColumn } from '../plan/plan.js'
import { vectorOfLanes } from '../vectors/lanes.js'
import { nullVector } from '../vectors/vector.js'
import type { ResultBatch, ResultVector } from './result-batch.js'

/** Strings, numbers and booleans as they are, arrays as lists of texts; everything else as text. */
export function rowBatch(row: Readonly<Record<string, unknown>>): {
  columns: ResultColumn[]
  batch: ResultBatch
} {
  const columns: ResultColumn[] = []
  const vectors: ResultVector[] = []
  for (const [name, value] of Object.entries(row)) {
    const [type, vector] = valueVector(value)
    columns.push({ name, type })
    vectors.push(vector)
  }
  return { columns, batch: { rows: 1, columns: vectors } }
}

function valueVector(value: unknown): [ValueType, ResultVector] {
  switch (typeof value) {
    case 'number':
      return Number.isSafeInteger(value)
        ? ['INT64', vectorOfLanes('INT64', [value])]
        : ['DOUBLE', vectorOfLanes('DOUBLE', [value])]
    case 'bigint':
      return ['INT64', vectorOfLanes('INT64', [value])]
    case 'boolean':
      return ['BOOL', vectorOfLanes('BOOL', [value ? 1 : 0])]
    default:
      if (value === null || value === undefined) return ['NULL', nullVector(1)]
      if (Array.isArray(value)) return ['LIST', listOfTexts(value.map(String))]
      return ['STRING', vectorOfLanes('STRING', [String(value)])]
  }
}

const listOfTexts = (texts: readonly string[]): ResultVector => {
  return { kind: 'list', type: 'LIST', itemType: 'STRING', rows: 1, values: [texts], nulls: null }
}
