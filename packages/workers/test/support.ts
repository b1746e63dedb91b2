/**
 * What the engine's tests share: a place for files, CSV text, and the whole content of a database as a value.
 */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Database, type DatabaseOptions } from '@millrace/workers'
import { afterEach, expect } from 'vitest'

let folder: string | undefined

/** A fresh folder for this test, removed after it. */
export function testFolder(): string {
  folder ??= mkdtempSync(join(tmpdir(), 'millrace-test-'))
  return folder
}

afterEach(() => {
  if (folder === undefined) return
  const left = readdirSync(folder).filter((name) => /\.(mill-wal|lock|tmp)/.test(name))
  rmSync(folder, { recursive: true })
  folder = undefined
  expect(left, 'a closed database leaves nothing beside its file').toEqual([])
})

/** Writes a file of this test and returns its path. */
export function writeFile(name: string, text: string | Uint8Array): string {
  const path = join(testFolder(), name)
  writeFileSync(path, text)
  return path
}

/** Opens a database of this test's folder, runs `action`, and closes it whatever happens. */
export async function withDatabase<T>(
  action: (db: Database) => Promise<T>,
  options: DatabaseOptions & { name?: string } = {},
): Promise<T> {
  const { name = 'test.mill', ...rest } = options
  const db = await Database.open(join(testFolder(), name), { threads: 2, memoryBudget: 96 << 20, ...rest })
  try {
    return await action(db)
  } finally {
    await db.close()
  }
}

/** What an action gives, and how many threads it has started meanwhile. */
export async function countingWorkers<T>(action: () => Promise<T>): Promise<{ value: T; started: number }> {
  let started = 0
  const onWorker = () => {
    started += 1
  }
  process.on('worker', onWorker)
  try {
    return { value: await action(), started }
  } finally {
    process.off('worker', onWorker)
  }
}

/** All rows of a query. */
export async function rowsOf(db: Database, statement: string, parameters = {}): Promise<unknown[]> {
  return (await db.query(statement, parameters).toArray()).map((row) => ({ ...row }))
}

/** The first column of the first row. */
export async function single(db: Database, statement: string): Promise<unknown> {
  const [row] = (await rowsOf(db, statement)) as Record<string, unknown>[]
  return row === undefined ? undefined : Object.values(row)[0]
}
