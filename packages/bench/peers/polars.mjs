/** Polars: reads the whole file into memory and writes it as Parquet. No key, no database. */
import { closeSync, fsyncSync, openSync, readFileSync } from 'node:fs'
import polars from 'nodejs-polars'
import { serve } from './serve.mjs'

await serve({
  async load({ databasePath, csvPath }) {
    polars.readCSV(csvPath).writeParquet(databasePath)
    const file = openSync(databasePath, 'r+')
    fsyncSync(file)
    return () => closeSync(file)
  },

  async check({ databasePath, sums }) {
    const frame = polars.readParquet(readFileSync(databasePath))
    const found = Object.keys(sums).map((column) => [column, frame.getColumn(column).sum()])
    return { rows: frame.height, sums: Object.fromEntries(found) }
  },
})
