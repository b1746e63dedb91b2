/**
 * The last part of the demo: what was loaded, how fast, with how much memory, and answers from the reopened
 * database.
 */
import { statSync } from 'node:fs'
import { relative } from 'node:path'
import { Database } from 'millrace'
import { bold, count, cyan, dim, megabytes, say, seconds, table } from './terminal.mjs'

const questions = [
  {
    title: 'Busiest airports, by departures',
    statement: `MATCH (a:Airport)-[f:Flight]->(b:Airport)
RETURN a.iata AS airport, a.name AS name, count(*) AS departures
ORDER BY departures DESC LIMIT 5`,
  },
  {
    title: 'Longest routes, in miles',
    statement: `MATCH (a:Airport)-[f:Flight]->(b:Airport)
RETURN a.iata AS origin, b.iata AS destination, max(f.distance) AS miles, count(*) AS flights
ORDER BY miles DESC, flights DESC LIMIT 5`,
  },
  {
    title: 'Mean delay by origin, in minutes, where most flights start',
    statement: `MATCH (a:Airport)-[f:Flight]->(b:Airport)
RETURN a.iata AS origin, a.city AS city, count(*) AS flights, avg(f.delay) AS delay
ORDER BY flights DESC LIMIT 8`,
  },
  {
    title: 'How many airports two flights take you to from San Francisco',
    statement: `MATCH (a:Airport)-[:Route]->(b:Airport)-[:Route]->(c:Airport)
WHERE a.iata = $from AND c.iata <> $from
RETURN count(DISTINCT c.iata) AS airports`,
    parameters: { from: 'SFO' },
  },
  {
    title: '… and those with the most ways to get there',
    statement: `MATCH (a:Airport)-[:Route]->(b:Airport)-[:Route]->(c:Airport)
WHERE a.iata = $from AND c.iata <> $from
RETURN c.iata AS airport, c.city AS city, c.state AS state, count(*) AS ways
ORDER BY ways DESC, airport LIMIT 6`,
    parameters: { from: 'SFO' },
  },
]

/** @param {{ databasePath: string, results: import('millrace').ImportResult[], loadMs: number }} loaded */
export async function report({ databasePath, results, loadMs }) {
  const loadRss = process.resourceUsage().maxRSS * 1024
  say()
  say(bold('Loaded'))
  table(
    ['table', 'rows', 'CSV', 'time', 'rows/s', 'MB/s'],
    results.map(({ table: name, rowsImported, bytesProcessed, elapsedMs }) => [
      name,
      rowsImported,
      megabytes(bytesProcessed),
      seconds(elapsedMs),
      Math.round((rowsImported * 1000) / elapsedMs),
      bytesProcessed / 1000 / elapsedMs,
    ]),
  )
  const rows = results.reduce((sum, { rowsImported }) => sum + rowsImported, 0)
  const bytes = results.reduce((sum, { bytesProcessed }) => sum + bytesProcessed, 0)
  const size = statSync(databasePath).size
  say(
    `  ${count(rows)} rows and ${megabytes(bytes)} of CSV in ${seconds(loadMs)}, open and close included. ` +
      `Database: ${megabytes(size)} (${((100 * size) / bytes).toFixed(0)}% of the CSV). ` +
      `Peak memory of the process: ${megabytes(loadRss)}.`,
  )
  await answerQuestions(databasePath)
}

async function answerQuestions(databasePath) {
  say()
  say(`${bold('Asked')} ${dim('— the database was closed and opened again')}`)
  const db = await Database.open(databasePath, { readOnly: true })
  try {
    for (const question of questions) await answer(db, question)
  } finally {
    await db.close()
  }
  const path = relative(process.cwd(), databasePath)
  say()
  say('Ask more:')
  say(`  npx millrace query ${path} "MATCH (a:Airport) RETURN count(*)"`)
  say(`  npx millrace shell ${path}`)
}

async function answer(db, { title, statement, parameters }) {
  const startedAt = performance.now()
  const result = db.query(statement, parameters)
  const rows = await result.toArray()
  say()
  say(`${cyan(title)} ${dim(`(${seconds(performance.now() - startedAt)})`)}`)
  say(dim(statement.replace(/^/gm, '  ')))
  const names = result.columns.map(({ name }) => name)
  table(
    names,
    rows.map((row) => names.map((name) => row[name])),
  )
}
