/**
 * The main job on real data: CSV files into a durable graph, and questions answered from it after it was
 * closed.
 *
 *     npm run demo
 *
 * 1. Data: the airports, routes and flights of the npm package `vega-datasets`; its 3,000,000 flights become
 *    a CSV, once.
 * 2. Load: three files through the parallel import into a fresh `flights.mill` at the repository's root.
 * 3. Ask: the database is closed, opened again read-only, and answers.
 */
import { fork } from 'node:child_process'
import { existsSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Database } from 'millrace'
import { report } from './report.mjs'
import { bold, count, megabytes, progressBar, say, seconds } from './terminal.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const vegaData = fileURLToPath(new URL('../data', import.meta.resolve('vega-datasets')))
const databasePath = join(here, '..', '..', 'flights.mill')
const flightsCsv = join(here, 'data', 'flights.csv')

/** What is loaded, in order: relationships need their airports first. */
const loads = [
  {
    table: 'Airport',
    file: join(vegaData, 'airports.csv'),
    create: `CREATE NODE TABLE Airport(iata STRING, name STRING, city STRING, state STRING, country STRING,
      latitude DOUBLE, longitude DOUBLE, PRIMARY KEY(iata))`,
    options: {},
  },
  {
    table: 'Route',
    file: join(vegaData, 'flights-airport.csv'),
    create: 'CREATE REL TABLE Route(FROM Airport TO Airport, count INT64)',
    options: { fromColumn: 'origin', toColumn: 'destination' },
  },
  {
    table: 'Flight',
    file: flightsCsv,
    create: 'CREATE REL TABLE Flight(FROM Airport TO Airport, date TIMESTAMP, delay INT64, distance INT64)',
    options: { fromColumn: 'origin', toColumn: 'destination' },
  },
]

/** Makes `data/flights.csv` unless it is there. In a process of its own: its memory is not the database's. */
async function prepareData() {
  say(bold('Data'))
  const bar = progressBar('flights.csv')
  if (existsSync(flightsCsv)) {
    bar.finish(`there since an earlier run, ${megabytes(statSync(flightsCsv).size)}`)
    return
  }
  const startedAt = performance.now()
  const parquet = join(vegaData, 'flights-3m.parquet')
  const child = fork(join(here, 'convert.mjs'), [parquet, flightsCsv], {
    execArgv: ['--max-old-space-size=160'],
  })
  let flights = 0
  child.on('message', ({ rows, total }) => {
    flights = rows
    bar.update({ done: rows, total, text: `${count(rows)} flights` })
  })
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('exit', resolve))
  if (code !== 0) {
    bar.stop()
    throw new Error(`the conversion of ${parquet} ended with exit code ${code}`)
  }
  bar.finish(
    `${count(flights)} flights from Parquet, ${megabytes(statSync(flightsCsv).size)} ` +
      `in ${seconds(performance.now() - startedAt)}`,
  )
}

/** Removes the database of an earlier run, unless another process has it open. */
async function removeOldDatabase() {
  if (existsSync(databasePath)) {
    try {
      await (await Database.open(databasePath)).close()
    } catch (error) {
      if (error.code === 'MILLRACE_LOCKED') throw error
      // Whatever else is wrong with it, it is about to go.
    }
  }
  for (const suffix of ['', '-wal']) rmSync(`${databasePath}${suffix}`, { force: true })
}

/** Loads every file; returns the results of the imports. */
async function loadAll() {
  say(bold('Load'))
  const db = await Database.open(databasePath)
  try {
    const results = []
    for (const load of loads) results.push(await loadOne(db, load))
    return results
  } finally {
    await db.close()
  }
}

async function loadOne(db, { table, file, create, options }) {
  await db.run(create)
  const bar = progressBar(table)
  try {
    const result = await db.copyFrom(table, file, {
      ...options,
      onProgress: ({ rowsProcessed, bytesProcessed, bytesTotal, rowsPerSecond }) =>
        bar.update({
          done: bytesProcessed,
          total: bytesTotal,
          text: `${count(rowsProcessed)} rows, ${count(rowsPerSecond)} rows/s`,
        }),
    })
    bar.finish(`${count(result.rowsImported)} rows in ${seconds(result.elapsedMs)}`)
    return result
  } catch (error) {
    bar.stop()
    throw error
  }
}

await prepareData()
await removeOldDatabase()
const startedAt = performance.now()
const results = await loadAll()
await report({ databasePath, results, loadMs: performance.now() - startedAt })
