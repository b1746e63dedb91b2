/** Single values through the kernels, for tests of what texts mean. */
import type { LogicalType } from '@millrace/core/internal'
import { defaultDialect } from './dialect.js'
import { columnsOf, defaultOptions, parseAt, showValue, withParser } from './parsing.test.fixture.js'
import type { ReferenceValue } from './reference-values.js'

/** How `show` shows undefined. */
export const refused = 'not of the type'

/** The value of each text as the kernels see it; undefined where it is not of the type. */
export function kernelValues(
  type: LogicalType,
  texts: readonly string[],
  dialect = defaultDialect,
): (ReferenceValue | undefined)[] {
  // The second field keeps an empty first one from being a blank line.
  const file = Buffer.from(texts.map((text) => `${text},x\n`).join(''))
  const columns = columnsOf(type, 'STRING')
  const options = {
    ...defaultOptions,
    dialect,
    columns,
    ignoreErrors: true,
    errorsKeptMax: texts.length,
  }
  const request = {
    length: file.length,
    blockBytes: file.length,
    start: 0,
    atEnd: true,
    rowsMax: texts.length,
  }
  const block = withParser({ ...options, rowsMax: texts.length }, file.length, (parser) =>
    parseAt(parser, file, 0, request),
  )
  const bad = new Set(block.errors.map((error) => error.row))
  let row = 0
  return texts.map((_, record) => (bad.has(record) ? undefined : block.values[row++]![0]))
}

export const show = (values: readonly (ReferenceValue | undefined)[]) =>
  values.map((value) => (value === undefined ? refused : showValue(value)))
