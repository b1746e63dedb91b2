/** Reads a file with `readCsv`, in a process of its own, through the public interface. */
import type { CsvColumn } from 'millrace'
import { processUsage } from '../usage/index.js'
import type { ReadAnswer, ReadRequest, SumAnswer, SumRequest } from './protocol.js'

const wordValues = 2 ** 32

/** The sum of a column of numbers, exact as far as a double is. Integers are added as halves: no bigints. */
function sumOf(column: CsvColumn | undefined): number {
  if (column?.kind !== 'number') throw new Error(`${column?.name} is no column of numbers`)
  const { values } = column
  let sum = 0
  if (!(values instanceof BigInt64Array)) {
    for (const value of values) sum += Number(value)
    return sum
  }
  const words = new Int32Array(values.buffer, values.byteOffset, values.length * 2)
  for (let at = 0; at < words.length; at += 2) sum += words[at + 1]! * wordValues + (words[at]! >>> 0)
  return sum
}

async function read({ csvPath, reuse }: ReadRequest): Promise<ReadAnswer> {
  const startedMs = performance.now()
  const { readCsv } = await import('millrace')
  let rows = 0
  for await (const batch of readCsv(csvPath, { reuse })) rows += batch.rowCount
  return { rows, readMs: performance.now() - startedMs, ...processUsage() }
}

async function sum({ csvPath, reuse, columns }: SumRequest): Promise<SumAnswer> {
  const { readCsv } = await import('millrace')
  const sums: Record<string, number> = Object.fromEntries(columns.map((name) => [name, 0]))
  let rows = 0
  for await (const batch of readCsv(csvPath, { reuse })) {
    rows += batch.rowCount
    for (const name of columns) sums[name]! += sumOf(batch.column(name))
  }
  return { rows, sums }
}

const request = JSON.parse(process.argv[2] ?? '') as ReadRequest | SumRequest
const answer = request.action === 'read' ? await read(request) : await sum(request)
process.send?.(answer, undefined, {}, () => process.disconnect())
