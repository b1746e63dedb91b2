/** Polars: the whole file as columns in memory; dates stay texts, as is its default. */
import { serveReader } from './serve-reader.mjs'

async function read(csvPath) {
  const { default: polars } = await import('nodejs-polars')
  return polars.readCSV(csvPath)
}

await serveReader({
  count: async (csvPath) => (await read(csvPath)).height,
  async sum(csvPath, columns) {
    const frame = await read(csvPath)
    const sums = columns.map((name) => [name, frame.getColumn(name).sum()])
    return { rows: frame.height, sums: Object.fromEntries(sums) }
  },
})
