/** The CSV kernels: the structural scan, and the scan with the parser of one type behind it. */
import type { LogicalType } from '@millrace/core/internal'
import { BlockParser, defaultDialect, type ParseColumn } from '@millrace/workers/internal'
import { randomBelow } from './random.js'
import { type KernelCase, makeArena } from './suite.js'

const inputBytes = 4 * 1024 * 1024

/** Rows of CSV, `rowOf(0)`, `rowOf(1)`, …, about `inputBytes` of them. */
function makeInput(rowOf: (row: number) => string): { bytes: Buffer; rows: number } {
  const lines: string[] = []
  let length = 0
  while (length < inputBytes) {
    const line = `${rowOf(lines.length)}\n`
    length += line.length
    lines.push(line)
  }
  return { bytes: Buffer.from(lines.join('')), rows: lines.length }
}

interface ParseCase {
  readonly name: string
  readonly fields: number
  readonly columns: readonly ParseColumn[]
  readonly rowOf: (row: number) => string
}

function parseCase({ name, fields, columns, rowOf }: ParseCase): KernelCase {
  const { bytes, rows } = makeInput(rowOf)
  const parser = new BlockParser(makeArena(), {
    dialect: defaultDialect,
    columns,
    fieldCount: fields,
    rowsMax: rows,
    maxRowBytes: 64 * 1024,
    ignoreErrors: false,
    errorsKeptMax: 1,
    inputBytesMax: bytes.length,
  })
  const fill = () => parser.inputView(0, bytes.length).set(bytes)
  // Doubled quotes are taken out in place: such an input is filled in again before each call.
  const isChanged = bytes.includes('""')
  fill()
  const run = () => {
    if (isChanged) fill()
    let start = 0
    let parsed = 0
    for (let done = false; !done; ) {
      const block = parser.parse({
        length: bytes.length,
        blockBytes: bytes.length,
        start,
        atEnd: true,
        rowsMax: rows,
      })
      if (block.errorCount > 0) throw new Error(`${name}: ${block.errors[0]?.message}`)
      parsed += block.rows
      start = block.end
      done = block.done
    }
    if (parsed !== rows) throw new Error(`${name}: ${parsed} of ${rows} rows were parsed`)
  }
  run()
  return { name, bytes: bytes.length, values: rows * fields, run }
}

const sixFields = (row: number) =>
  `${row},Adanor Kimmer${randomBelow(row, 1, 1000)},${randomBelow(row, 2, 90)},` +
  `${(randomBelow(row, 3, 100_000) / 100).toFixed(2)},20${10 + randomBelow(row, 4, 14)}-03-28,true`

const quotedField = (row: number) =>
  `"Wrote: ""the wheel stands still"", sent a picture,\nand will send ${randomBelow(row, 5, 1_000_000)}"`

function oneColumn(type: LogicalType): ParseColumn[] {
  return [{ csvIndex: 0, name: 'value', type, nullable: true }]
}

/** The structural scan alone: no column is parsed. */
export function scanCases(): KernelCase[] {
  return [
    parseCase({ name: 'scan, 6 plain fields', fields: 6, columns: [], rowOf: sixFields }),
    parseCase({
      name: 'scan, quoted newlines',
      fields: 2,
      columns: [],
      rowOf: (row) => `${row},${quotedField(row)}`,
    }),
  ]
}

const fieldInputs: readonly { name: string; type: LogicalType; valueAt: (row: number) => string }[] = [
  { name: 'INT64', type: 'INT64', valueAt: (row) => String(randomBelow(row, 6, 1e9) * 1000 + 7) },
  { name: 'INT32', type: 'INT32', valueAt: (row) => String(randomBelow(row, 7, 1e6)) },
  { name: 'DOUBLE', type: 'DOUBLE', valueAt: (row) => (randomBelow(row, 8, 1e7) / 1000).toFixed(3) },
  { name: 'BOOL', type: 'BOOL', valueAt: (row) => (randomBelow(row, 9, 2) === 0 ? 'true' : 'false') },
  { name: 'STRING', type: 'STRING', valueAt: (row) => `Adanor Kimmer${randomBelow(row, 10, 1000)}` },
  { name: 'STRING, doubled quotes', type: 'STRING', valueAt: quotedField },
  { name: 'DATE', type: 'DATE', valueAt: (row) => `20${10 + randomBelow(row, 11, 14)}-03-28` },
  {
    name: 'TIMESTAMP',
    type: 'TIMESTAMP',
    valueAt: (row) => `20${10 + randomBelow(row, 12, 14)}-03-28T12:34:${10 + randomBelow(row, 13, 49)}`,
  },
]

/** Files of one column: scan and field parser together, as an import runs them. */
export function fieldCases(): KernelCase[] {
  return fieldInputs.map(({ name, type, valueAt }) =>
    parseCase({ name: `scan + ${name}`, fields: 1, columns: oneColumn(type), rowOf: valueAt }),
  )
}
