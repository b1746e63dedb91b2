/**
 * Loads that keep their rows, aborted or killed at random, and resumed with other threads and blocks: the
 * table, the counts and the rejects are those of a load that nobody disturbed. A source that changed is
 * refused.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, readFileSync, statSync, truncateSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { isMillraceError } from '@millrace/core'
import { type Random, type Round, torture, tortureTimeoutMs } from '@millrace/testing'
import { type CopyOptions, Database } from '@millrace/workers'
import { expect, it } from 'vitest'
import { rowsOf, testFolder, withDatabase, writeFile } from './support.js'

const child = fileURLToPath(new URL('./fixture/resume-child.mjs', import.meta.url))
const createTable = 'CREATE NODE TABLE N(id INT64, name STRING, score DOUBLE, PRIMARY KEY(id))'
const attemptsMax = 5

/** Bytes of a block of a Zstandard frame, at most. */
const zstdBlockBytes = 1 << 17

/** `text` as a Zstandard frame of blocks that are not compressed, with a window of 128 KiB. */
function zstdOf(text: string): Uint8Array {
  const bytes = Buffer.from(text)
  const parts = [Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x38])]
  for (let at = 0; at === 0 || at < bytes.length; at += zstdBlockBytes) {
    const block = bytes.subarray(at, at + zstdBlockBytes)
    const isLast = at + zstdBlockBytes >= bytes.length
    const header = Buffer.alloc(3)
    header.writeUIntLE(block.length * 8 + (isLast ? 1 : 0), 0, 3)
    parts.push(header, block)
  }
  return Buffer.concat(parts)
}

const packings = [
  ['csv', (text: string): Uint8Array => Buffer.from(text)],
  ['csv.gz', (text: string): Uint8Array => gzipSync(text)],
  ['csv.zst', zstdOf],
] as const

/**
 * A record: mostly a good one; with `hasBad` also ones without a number, of other columns, of a key twice.
 */
function recordOf(row: number, rows: number, hasBad: boolean, random: Random): string {
  const key = (row * 7919) % rows
  if (hasBad && random.chance(0.01)) return `x${key},bad,1\n`
  if (hasBad && random.chance(0.01)) return `${key},too,many,fields\n`
  const id = hasBad && random.chance(0.02) ? random.below(rows) : key
  const name = row % 5 === 0 ? `"line ${row}\nand ""more"""` : `name ${row}`
  return `${id},${name},${row % 7 === 0 ? '' : row / 4}\n`
}

interface Case {
  readonly files: string[]
  readonly hasBad: boolean
  /** Files whose places are exact: those that lie there as they are read. */
  readonly plain: ReadonlySet<string>
}

function makeFiles({ random }: Round): Case {
  const rows = 4000 + random.below(6000)
  const hasBad = random.chance()
  const count = 1 + random.below(3)
  const plain = new Set<string>()
  const files = Array.from({ length: count }, (_, index) => {
    const [first, end] = [index, index + 1].map((part) => Math.floor((part * rows) / count))
    const records = Array.from({ length: end! - first! }, (_, at) =>
      recordOf(first! + at, rows, hasBad, random),
    )
    const [ending, pack] = packings[random.below(packings.length)]!
    const path = writeFile(`part-${index}.${ending}`, pack(`id,name,score\n${records.join('')}`))
    if (ending === 'csv') plain.add(path)
    return path
  })
  return { files, hasBad, plain }
}

/** Options that may be others in each attempt. */
function optionsOf({ hasBad }: Case, random: Random, rejects: string): CopyOptions {
  return {
    onFailure: 'keep',
    resume: true,
    threads: 1 + random.below(3),
    blockSize: [1000, 7000, 40_000, 1 << 20][random.below(4)]!,
    commitSize: [1, 10_000, 60_000][random.below(3)]!,
    ...(hasBad && { ignoreErrors: true, rejects }),
  }
}

/** Loads in this process and aborts after some reports of progress. True when the load came to its end. */
async function loadAborted(
  path: string,
  files: string[],
  options: CopyOptions,
  reports: number,
): Promise<boolean> {
  const db = await Database.open(path, { threads: 2, memoryBudget: 64 << 20 })
  const stop = new AbortController()
  let left = reports
  const onProgress = () => {
    if (left-- === 0) stop.abort(new Error('stopped'))
  }
  try {
    await db.copyFrom('N', files, { ...options, signal: stop.signal, onProgress })
    return true
  } catch (error) {
    const reason = isMillraceError(error, 'MILLRACE_LOAD_STOPPED') ? error.cause : error
    expect(reason).toBe(stop.signal.reason)
    return false
  } finally {
    await db.close()
  }
}

/** As `loadAborted`, in a process that is killed instead. */
async function loadKilled(
  path: string,
  files: string[],
  options: CopyOptions,
  reports: number,
): Promise<boolean> {
  const task = JSON.stringify({ path, files, options })
  const loading = spawn(process.execPath, [child, task], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(loading, 'exit')
  let left = reports
  for await (const _ of createInterface({ input: loading.stdout })) if (left-- === 0) loading.kill('SIGKILL')
  const [code, signal] = await exited
  expect(signal ?? code).toBe(signal === null ? 0 : 'SIGKILL')
  return signal === null
}

const allRows = async (db: Database) => await rowsOf(db, 'MATCH (n:N) RETURN n.id, n.name, n.score')

/**
 * The rejects as texts that do not depend on where commits and batches were. A duplicate key comes behind the
 * other records of its commit, and in a packed file its place is known to the batch only.
 */
function rejectsIn(path: string, plain: ReadonlySet<string>): string[] {
  const [header, ...records] = readFileSync(path, 'utf8').split(/\n(?=\/|$)/)
  const texts = records.map((record) => {
    const [file, line, row, column, kind, ...rest] = record.split(',')
    const isExact = kind !== 'duplicateKey' || plain.has(file!)
    return (isExact ? [file, line, row, column, kind, ...rest] : [file, column, kind]).join(',')
  })
  return [header!, ...texts.sort()]
}

/**
 * Every change to a source that was loaded in part is refused, and the load goes on when it is taken back.
 */
async function refusesChanges(path: string, { files }: Case, options: CopyOptions): Promise<void> {
  await withDatabase(
    async (db) => {
      if (db.catalog.tables[0]?.loads?.unfinished == null) return
      const before = await allRows(db)
      for (const file of files) {
        const { size, atimeMs, mtimeMs } = statSync(file)
        const refused = async () =>
          await expect(db.copyFrom('N', files, options)).rejects.toMatchObject({
            code: 'MILLRACE_RESUME_SOURCE',
          })
        utimesSync(file, atimeMs / 1000, mtimeMs / 1000 + 60)
        await refused()
        appendFileSync(file, '\n')
        await refused()
        truncateSync(file, size)
        utimesSync(file, atimeMs / 1000, Math.floor(mtimeMs / 1000))
      }
      expect(await allRows(db)).toEqual(before)
    },
    { name: path },
  )
}

/** Modification times that survive being set again: whole seconds. */
function settle(files: readonly string[]): void {
  for (const file of files) {
    const seconds = Math.floor(statSync(file).mtimeMs / 1000)
    utimesSync(file, seconds, seconds)
  }
}

async function round({ random, number }: Round): Promise<void> {
  const made = makeFiles({ random, number, isLong: false })
  const { files, hasBad, plain } = made
  settle(files)
  const [wholeRejects, rejects] = [`whole-${number}.csv`, `kept-${number}.csv`].map((name) =>
    join(testFolder(), name),
  )
  const whole = await withDatabase(
    async (db) => {
      await db.run(createTable)
      const { rowsImported } = await db.copyFrom('N', files, {
        ...(hasBad && { ignoreErrors: true, rejects: wholeRejects! }),
      })
      const rows = await allRows(db)
      expect(rows).toHaveLength(rowsImported)
      return rows
    },
    { name: `whole-${number}.mill` },
  )
  const name = `kept-${number}.mill`
  await withDatabase((db) => db.run(createTable), { name })
  let isDone = false
  for (let attempt = 0; !isDone && attempt < attemptsMax; attempt++) {
    const load = random.chance(0.3) ? loadKilled : loadAborted
    isDone = await load(join(testFolder(), name), files, optionsOf(made, random, rejects!), random.below(8))
    const found = await withDatabase(allRows, { name })
    expect(found, `attempt ${attempt}`).toEqual(whole.slice(0, found.length))
    if (!isDone && random.chance(0.3)) await refusesChanges(name, made, optionsOf(made, random, rejects!))
  }
  await withDatabase(
    async (db) => {
      if (!isDone) {
        const last = await db.copyFrom('N', files, optionsOf(made, random, rejects!))
        expect(last.alreadyLoaded || last.rowsResumed + last.rowsImported === whole.length).toBe(true)
      }
      expect(await allRows(db)).toEqual(whole)
      expect(await db.copyFrom('N', files, { resume: true })).toMatchObject({
        alreadyLoaded: true,
        rowsImported: 0,
      })
    },
    { name },
  )
  if (hasBad) expect(rejectsIn(rejects!, plain)).toEqual(rejectsIn(wholeRejects!, plain))
}

it('loads that are stopped or killed and resumed are those that nobody disturbed', {
  timeout: tortureTimeoutMs,
}, async () => {
  await torture(4, round)
})
