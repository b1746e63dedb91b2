/** csv-parse: a stream of arrays of strings. */
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { serveRows } from './serve-reader.mjs'

await serveRows(async (csvPath, take) => {
  const { parse } = await import('csv-parse')
  await pipeline(createReadStream(csvPath), parse().on('data', take))
})
