/** PapaParse: chunks of a stream, as arrays of strings. */
import { createReadStream } from 'node:fs'
import { serveRows } from './serve-reader.mjs'

await serveRows(async (csvPath, take) => {
  const { default: papa } = await import('papaparse')
  await new Promise((resolve, reject) => {
    papa.parse(createReadStream(csvPath), {
      skipEmptyLines: true,
      chunk({ data }) {
        for (const row of data) take(row)
      },
      complete: resolve,
      error: reject,
    })
  })
})
