/** Single values through the kernels, for tests of what texts mean. */
import type { LogicalType } from '@millrace/core/internal'
import { defaultDialect } from './dialect.js'
import { columnsOf, defaultOptions, parseAt, showValue, withParser } from './parsing.test.fixture.js'
import { type ReferenceValue, valueOfField } from './reference-values.js'

/** How `show` shows undefined. */
export const refused = 'not of the type'

/**
 * The value of each text as the kernels see it; undefined where it is not of the type. The texts are the
 * first fields of records, or the second ones, behind `before`.
 */
export function kernelValues(
  type: LogicalType,
  texts: readonly string[],
  dialect = defaultDialect,
  before: string | null = null,
): (ReferenceValue | undefined)[] {
  // The last field keeps an empty first one from being a blank line.
  const lead = before === null ? '' : `${before},`
  const file = Buffer.from(texts.map((text) => `${lead}${text},x\n`).join(''))
  const types: LogicalType[] = before === null ? [type, 'STRING'] : ['STRING', type, 'STRING']
  const columns = columnsOf(...types)
  const at = types.indexOf(type, before === null ? 0 : 1)
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
  return texts.map((_, record) => (bad.has(record) ? undefined : block.values[row++]![at]))
}

/** The same as their specification says it. */
export function referenceValues(
  type: LogicalType,
  texts: readonly string[],
  dialect = defaultDialect,
): (ReferenceValue | undefined)[] {
  return texts.map((text) => {
    const bytes = Buffer.from(text)
    return valueOfField(type, bytes, { start: 0, end: bytes.length }, dialect)
  })
}

export const show = (values: readonly (ReferenceValue | undefined)[]) =>
  values.map((value) => (value === undefined ? refused : showValue(value)))
