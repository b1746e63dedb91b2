import { type LogicalType, physicalTypeOf } from '@millrace/core/base'

/** Bytes that a value takes in a batch of columns; 0: it is a text. Doubles take 8. */
export function laneWidth(type: LogicalType): 8 | 4 | 1 | 0 {
  if (physicalTypeOf(type) === 'string') return 0
  if (type === 'BOOL') return 1
  return type === 'INT32' || type === 'DATE' ? 4 : 8
}
