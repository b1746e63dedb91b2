/**
 * Databases as earlier releases left them, kept as files: each is opened and read, or refused with the reason
 * and left as it is. A change of the format adds files here; it never makes these anew.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32, gunzipSync } from 'node:zlib'
import { Database } from 'millrace'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const fixture = (name: string) => gunzipSync(readFileSync(new URL(`fixtures/${name}.gz`, import.meta.url)))

let folder: string
let path: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-older-'))
  path = join(folder, 'old.mill')
})

afterEach(() => rmSync(folder, { recursive: true }))

/** Puts files there as a killed process left them. */
function put(database: Uint8Array, log: Uint8Array): void {
  writeFileSync(path, database)
  writeFileSync(`${path}-wal`, log)
}

describe('a database of format 1 with a log of version 2', () => {
  it.each([true, false])('is opened, and its log replayed (read-only: %s)', async (readOnly) => {
    put(fixture('format-1.mill'), fixture('format-1-log-2.mill-wal'))
    const db = await Database.open(path, { readOnly, threads: 1 })
    try {
      const cities = 'MATCH (c:City) RETURN c.id, c.name, c.size, c.founded ORDER BY c.id'
      expect((await db.query(cities).toArray()).map((row) => Object.values(row))).toEqual([
        [1, 'A "b"', 0.5, null],
        [3, null, 118.7, new Date('0854-07-22')],
        [9, 'Late', null, null],
      ])
      const roads = 'MATCH (a:City)-[r:Road]->(b:City) RETURN a.id, r.km, b.id ORDER BY a.id, b.id'
      expect((await db.query(roads).toArray()).map((row) => Object.values(row))).toEqual([
        [3, 7, 1],
        [3, 0, 3],
        [9, 12, 3],
      ])
    } finally {
      await db.close()
    }
  })
})

describe('a log of another version', () => {
  it.each([1, 3])(
    'is refused with both versions, and the files are left as they are: %i',
    async (version) => {
      const database = fixture('format-1.mill')
      const log = fixture('format-1-log-2.mill-wal')
      log.writeUInt32LE(version, 8)
      log.writeUInt32LE(crc32(log.subarray(0, 508)), 508)
      put(database, log)
      await expect(Database.open(path, { threads: 1 })).rejects.toMatchObject({
        code: 'MILLRACE_VERSION',
        message: expect.stringMatching(
          new RegExp(`old\\.mill-wal has format version ${version}; .* reads version 2`),
        ),
      })
      expect(readFileSync(path).equals(database)).toBe(true)
      expect(readFileSync(`${path}-wal`).equals(log)).toBe(true)
    },
  )
})
