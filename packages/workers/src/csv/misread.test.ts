/** Documents that were read wrongly once: what random ones found, made small. */
import { describe, expect, it } from 'vitest'
import { type Dialect, defaultDialect, makeDialect } from './dialect.js'
import { columnsOf, defaultOptions, type Options, parseInBlocks } from './parsing.test.fixture.js'
import { parseReference } from './reference-parser.js'

/** Values and errors, by the kernels, which must be those of the reference. */
function readBoth(text: string, options: Partial<Options>, blockBytes = 1000) {
  const file = Buffer.from(text)
  const all: Options = { ...defaultOptions, ignoreErrors: true, ...options }
  const request = { length: file.length, blockBytes: file.length, start: 0, atEnd: true, rowsMax: 1000 }
  const { values, errors } = parseReference(file, 0, request, all)
  const found = parseInBlocks(file, all, { blockBytes })
  expect({ values: found.values, errors: found.errors }).toEqual({ values, errors })
  return { values, errors }
}

describe('documents that were misread once', () => {
  it.each(['DECIMAL(38,9)', 'UUID', 'INTERVAL'] as const)(
    '%s: rows behind a refused record do not overwrite those before them, whose places moved up',
    (type) => {
      // A ragged record ends a scan; the rows behind it are numbered from those that were kept.
      const [first, second] = {
        'DECIMAL(38,9)': ['7', '1525'],
        UUID: ['550e8400-e29b-41d4-a716-446655440000', '00000000-0000-0000-0000-000000000001'],
        INTERVAL: ['1 day', '2 months'],
      }[type] as [string, string]
      const text = `bad,x\n${first},x\nragged\n${second},x\n`
      const { values } = readBoth(text, { columns: columnsOf(type, 'STRING') })
      expect(values).toHaveLength(2)
      expect(values[0]![0]).not.toEqual(values[1]![0])
      expect(values[0]![0]).toEqual(
        readBoth(`${first},x\n`, { columns: columnsOf(type, 'STRING') }).values[0]![0],
      )
    },
  )

  it('a blank line of one column is the empty text where an empty field is one', () => {
    const dialect: Dialect = makeDialect({ emptyAsNull: false })
    const { values } = readBoth('a\n\nb\n', { dialect, columns: columnsOf('STRING') })
    expect(values.map(([value]) => Buffer.from(value as Uint8Array).toString())).toEqual(['a', '', 'b'])
    expect(readBoth('1\n\n', { dialect, columns: columnsOf('INT64') }).values).toEqual([[1n], [null]])
  })

  it('an empty field of JSON is null, whatever an empty text is', () => {
    const dialect = makeDialect({ emptyAsNull: false })
    const { values, errors } = readBoth('1,\n2,{}\n3,""\n', { dialect, columns: columnsOf('INT64', 'JSON') })
    expect(values[0]).toEqual([1n, null])
    expect(values).toHaveLength(2)
    expect(errors).toMatchObject([{ kind: 'type', row: 2 }])
  })

  it('spaces behind a delimiter at the end of a line are no field where they are trimmed', () => {
    const columns = columnsOf('STRING', 'INT64')
    const text = 'a,1, \t\nb,2,\nc,x, \n'
    const { values, errors } = readBoth(text, { dialect: makeDialect({ trim: true }), columns })
    expect(values.map(([, number]) => number)).toEqual([1n, 2n])
    expect(errors).toMatchObject([{ kind: 'type', row: 2, recordBytes: 5 }])
    const untrimmed = readBoth(text, { dialect: defaultDialect, columns })
    expect(untrimmed.errors.map(({ kind, row }) => [kind, row])).toEqual([
      ['ragged', 0],
      ['ragged', 2],
    ])
  })
})
