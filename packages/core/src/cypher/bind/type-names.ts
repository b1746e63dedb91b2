/** The types a statement can name, with the other names they go by. */
import { type LogicalType, logicalTypeNames } from '../../types/index.js'
import type { Name } from '../syntax/ast.js'
import { bindingError, suggestion } from './binding-error.js'

const aliases: Readonly<Record<string, LogicalType>> = {
  INT: 'INT32',
  INTEGER: 'INT32',
  BIGINT: 'INT64',
  LONG: 'INT64',
  BOOLEAN: 'BOOL',
  TEXT: 'STRING',
  VARCHAR: 'STRING',
}

const hints: Readonly<Record<string, string>> = {
  FLOAT: 'Write DOUBLE.',
  FLOAT32: 'Write DOUBLE.',
  FLOAT64: 'Write DOUBLE.',
  REAL: 'Write DOUBLE.',
  DECIMAL: 'Write DOUBLE: decimals are stored exactly as they were written where they fit.',
  SERIAL: 'Give the table a key column of its own; id(a) numbers rows in file order.',
  INT8: 'Write INT32.',
  INT16: 'Write INT32.',
  UINT8: 'Write INT32.',
  UINT16: 'Write INT32.',
  UINT32: 'Write INT64.',
  UINT64: 'Write INT64.',
  DATETIME: 'Write TIMESTAMP.',
}

/**
 * The type called `name`.
 * @throws MillraceError `MILLRACE_BINDING` when there is none
 */
export function typeNamed(name: Name, text: string): LogicalType {
  const upper = name.text.toUpperCase()
  const type = logicalTypeNames.find((candidate) => candidate === upper)
  if (type !== undefined) return type
  if (Object.hasOwn(aliases, upper)) return aliases[upper]!
  const hint = Object.hasOwn(hints, upper) ? hints[upper]! : suggestion(upper, logicalTypeNames, 'types')
  throw bindingError(text, name.place, `There is no type ${name.text}`, hint)
}
