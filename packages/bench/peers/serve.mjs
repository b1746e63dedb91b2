/**
 * Answers the bench's request in a fresh process: one request as the only argument, one answer by IPC.
 * `src/import/protocol.ts` describes both.
 *
 * A peer gives two functions:
 * - `load(request)` creates a database at `request.databasePath`, or opens the one that holds the nodes,
 *   loads `request.csvPath` into `request.table` until that is durable, and returns a function that closes
 *   it;
 * - `check(request)` opens the database anew and returns `{ rows, sums }`, one sum for each name in
 *   `request.sums`.
 */
import { existsSync, readFileSync } from 'node:fs'

/** Sums of decimals depend on the order of addition; they agree to this part of their value. */
const relativeTolerance = 1e-9

function isSame(found, expected) {
  return Math.abs(Number(found) - expected) <= Math.abs(expected) * relativeTolerance
}

/** The kernel's maxrss counts the parent's memory, too: see `src/usage/process-usage.ts`. */
function peakRssBytes() {
  const path = '/proc/self/status'
  const mark = existsSync(path) ? readFileSync(path, 'utf8').match(/^VmHWM:\s*(\d+) kB$/m) : null
  return Number(mark?.[1] ?? process.resourceUsage().maxRSS) * 1024
}

function cpuMs() {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

function writtenBytes() {
  if (!existsSync('/proc/self/io')) return undefined
  return Number(readFileSync('/proc/self/io', 'utf8').match(/^write_bytes: (\d+)$/m)?.[1])
}

async function runImport(load, request) {
  const startedMs = performance.now()
  const close = await load(request)
  const committedMs = performance.now()
  await close()
  const closedMs = performance.now()
  return {
    importMs: committedMs - startedMs,
    closeMs: closedMs - committedMs,
    peakRssBytes: peakRssBytes(),
    cpuMs: cpuMs(),
    writtenBytes: writtenBytes(),
    timings: {},
  }
}

async function runCheck(check, request) {
  const found = await check(request)
  const mistakes = []
  if (Number(found.rows) !== request.rows) mistakes.push(`${found.rows} rows instead of ${request.rows}`)
  for (const [column, expected] of Object.entries(request.sums)) {
    if (isSame(found.sums[column], expected)) continue
    mistakes.push(`sum of ${column}: ${found.sums[column]} instead of ${expected}`)
  }
  return { mistakes }
}

export async function serve({ load, check }) {
  const request = JSON.parse(process.argv[2])
  const answer = request.action === 'import' ? await runImport(load, request) : await runCheck(check, request)
  process.send(answer, undefined, {}, () => process.disconnect())
}
