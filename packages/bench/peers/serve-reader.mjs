/**
 * Answers the bench's request in a fresh process: one request as the only argument, one answer by IPC.
 * `src/read/protocol.ts` describes both.
 *
 * A peer gives two functions, each of which loads what it needs itself:
 * - `count(csvPath)` reads the file to its end, and returns how many records it has;
 * - `sum(csvPath, columns)` reads it in the same way, and returns `{ rows, sums }`, a sum by the name of each
 *   column.
 */
import { existsSync, readFileSync } from 'node:fs'

/** The kernel's maxrss counts the parent's memory, too: see `src/usage/process-usage.ts`. */
function peakRssBytes() {
  const path = '/proc/self/status'
  const mark = existsSync(path) ? readFileSync(path, 'utf8').match(/^VmHWM:\s*(\d+) kB$/m) : null
  return Number(mark?.[1] ?? process.resourceUsage().maxRSS) * 1024
}

async function timed(count, csvPath) {
  const startedMs = performance.now()
  const rows = await count(csvPath)
  const readMs = performance.now() - startedMs
  const { user, system } = process.cpuUsage()
  return { rows, readMs, peakRssBytes: peakRssBytes(), cpuMs: (user + system) / 1000 }
}

export async function serveReader({ count, sum }) {
  const { action, csvPath, columns } = JSON.parse(process.argv[2])
  const answer = action === 'read' ? await timed(count, csvPath) : await sum(csvPath, columns)
  process.send(answer, undefined, {}, () => process.disconnect())
}

/**
 * For peers that give one record after the other: `eachRow(csvPath, take)`, where a record is an object, or
 * an array, of which the first is the header.
 */
export async function serveRows(eachRow) {
  await serveReader({
    async count(csvPath) {
      let rows = 0
      let headers = 0
      await eachRow(csvPath, (row) => {
        if (rows === 0 && Array.isArray(row)) headers = 1
        rows += 1
      })
      return rows - headers
    },
    async sum(csvPath, columns) {
      const sums = Object.fromEntries(columns.map((name) => [name, 0]))
      let places
      let rows = 0
      await eachRow(csvPath, (row) => {
        if (places === undefined) {
          places = columns.map((name) => (Array.isArray(row) ? row.indexOf(name) : name))
          if (Array.isArray(row)) return
        }
        rows += 1
        for (let i = 0; i < columns.length; i++) sums[columns[i]] += Number(row[places[i]])
      })
      return { rows, sums }
    },
  })
}
