/**
 * Turns the flights of `vega-datasets` from Parquet into a CSV file, once.
 *
 *     node convert.mjs <flights.parquet> <flights.csv>
 *
 * - One row group (some 270,000 flights) is in memory at a time.
 * - The CSV is written beside its place and renamed when it is complete and on disk: a file at that place is
 *   a whole file.
 * - Runs in a process of its own, so that the memory the demo reports is the database's alone. It tells its
 *   parent, through the channel of `child_process.fork`, how many rows are done.
 */
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { asyncBufferFromFile, parquetMetadataAsync, parquetRead } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'

const columns = ['date', 'delay', 'distance', 'origin', 'destination']
const rowsPerWrite = 20_000

/** @param {(progress: { rows: number, total: number }) => void} onProgress */
async function convert(parquetPath, csvPath, onProgress) {
  const file = await asyncBufferFromFile(parquetPath)
  const metadata = await parquetMetadataAsync(file)
  const total = Number(metadata.num_rows)
  const aside = `${csvPath}.part`
  mkdirSync(dirname(csvPath), { recursive: true })
  const output = openSync(aside, 'w')
  try {
    writeSync(output, `${columns.join(',')}\n`)
    let rowStart = 0
    for (const group of metadata.row_groups) {
      const rowEnd = rowStart + Number(group.num_rows)
      const lanes = await readRowGroup({ file, metadata, rowStart, rowEnd })
      writeRows(output, lanes, rowEnd - rowStart)
      rowStart = rowEnd
      onProgress({ rows: rowEnd, total })
    }
    if (rowStart !== total) throw new Error(`${parquetPath} holds ${rowStart} rows but announces ${total}`)
    fsyncSync(output)
  } catch (error) {
    rmSync(aside, { force: true })
    throw error
  } finally {
    closeSync(output)
  }
  renameSync(aside, csvPath)
  return total
}

/** The columns of rows [rowStart, rowEnd), each an array of values. */
async function readRowGroup({ file, metadata, rowStart, rowEnd }) {
  const lanes = new Map(columns.map((name) => [name, new Array(rowEnd - rowStart)]))
  await parquetRead({
    file,
    metadata,
    compressors,
    columns,
    rowStart,
    rowEnd,
    parsers: { timestampFromMicroseconds: memoizedTimestampText() },
    onChunk: ({ columnName, columnData, rowStart: chunkStart }) => {
      const lane = lanes.get(columnName)
      for (let i = 0; i < columnData.length; i++) lane[chunkStart - rowStart + i] = columnData[i]
    },
  })
  return columns.map((name) => lanes.get(name))
}

/**
 * Flights are in the order of their dates, several to the minute: the text of one date serves until the next.
 */
function memoizedTimestampText() {
  let last
  let text = ''
  return (micros) => {
    if (micros !== last) {
      last = micros
      text = new Date(Number(micros / 1000n)).toISOString().replace(/(\.000)?Z$/, '')
    }
    return text
  }
}

function writeRows(output, lanes, rows) {
  for (let start = 0; start < rows; start += rowsPerWrite) {
    const end = Math.min(start + rowsPerWrite, rows)
    let text = ''
    for (let row = start; row < end; row++) {
      for (let column = 0; column < lanes.length; column++) {
        const value = lanes[column][row] ?? ''
        text += column === 0 ? value : `,${value}`
      }
      text += '\n'
    }
    writeAll(output, Buffer.from(text))
  }
}

function writeAll(output, bytes) {
  let written = 0
  while (written < bytes.length) written += writeSync(output, bytes, written)
}

const [parquetPath, csvPath] = process.argv.slice(2)
if (parquetPath === undefined || csvPath === undefined) {
  process.stderr.write('usage: node convert.mjs <flights.parquet> <flights.csv>\n')
  process.exitCode = 2
} else {
  const rows = await convert(parquetPath, csvPath, (progress) => process.send?.(progress))
  if (process.send === undefined) process.stderr.write(`${csvPath}: ${rows.toLocaleString('en-US')} rows\n`)
  else process.disconnect()
}
