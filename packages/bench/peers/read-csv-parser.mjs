/** csv-parser: a stream of objects of strings. */
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { serveRows } from './serve-reader.mjs'

await serveRows(async (csvPath, take) => {
  const { default: csv } = await import('csv-parser')
  await pipeline(createReadStream(csvPath), csv().on('data', take))
})
