/** uDSV: chunks of a stream, as arrays of values of the types that it guesses from the first one. */
import { createReadStream } from 'node:fs'
import { serveReader } from './serve-reader.mjs'

async function eachRow(csvPath, take) {
  const { inferSchema, initParser } = await import('udsv')
  let parser
  let names
  const onRow = (row) => {
    take(row, names)
  }
  for await (const text of createReadStream(csvPath, { encoding: 'utf8', highWaterMark: 1 << 20 })) {
    if (parser === undefined) {
      const schema = inferSchema(text)
      names = schema.cols.map((column) => column.name)
      parser = initParser(schema)
    }
    parser.chunk(text, parser.typedArrs, onRow)
  }
  parser.end()
}

await serveReader({
  async count(csvPath) {
    let rows = 0
    await eachRow(csvPath, () => {
      rows += 1
    })
    return rows
  },
  async sum(csvPath, columns) {
    const sums = Object.fromEntries(columns.map((name) => [name, 0]))
    let rows = 0
    await eachRow(csvPath, (row, names) => {
      rows += 1
      for (const name of columns) sums[name] += Number(row[names.indexOf(name)])
    })
    return { rows, sums }
  },
})
