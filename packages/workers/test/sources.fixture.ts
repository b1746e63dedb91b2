/** What the tests of odd and hostile sources share. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import type { Database, DatabaseOptions } from '@millrace/workers'
import { single, testFolder, withDatabase } from './support.js'

export const onUnix = process.platform !== 'win32'

export const inTestFolder = (name: string) => join(testFolder(), name)

/** A database with the empty table N(id, name). */
export async function withTable<T>(
  action: (db: Database) => Promise<T>,
  options: DatabaseOptions = {},
): Promise<T> {
  return await withDatabase(async (db) => {
    await db.run('CREATE NODE TABLE N(id INT64, name STRING, PRIMARY KEY(id))')
    return await action(db)
  }, options)
}

/** Rows of the table N. */
export const count = (db: Database) => single(db, 'MATCH (n:N) RETURN count(*)')

/** Rows for the table N. */
export function csvOf(rows: number, from = 0): string {
  return `id,name\n${Array.from({ length: rows }, (_, row) => `${from + row},name ${from + row}\n`).join('')}`
}

export function makeFifo(name: string): string {
  const path = inTestFolder(name)
  execFileSync('mkfifo', [path])
  return path
}

const zstdBlockBytes = 100_000

/** `bytes` as one Zstandard frame, of blocks that are not compressed. */
export function zstdOf(bytes: Uint8Array): Buffer {
  const blocks: Uint8Array[] = []
  for (let at = 0; at === 0 || at < bytes.length; at += zstdBlockBytes) {
    const block = bytes.subarray(at, at + zstdBlockBytes)
    const isLast = at + zstdBlockBytes >= bytes.length
    const header = (block.length << 3) | (isLast ? 1 : 0)
    blocks.push(Uint8Array.of(header, header >> 8, header >> 16), block)
  }
  // No checksum, no content size, a window of 1 MiB.
  return Buffer.concat([Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x00, 10 << 3), ...blocks])
}

/**
 * `text` and then `blocks` times 128 KiB of one character, as one Zstandard frame: four bytes for a block.
 */
export function zstdRun(text: string, character: string, blocks: number): Buffer {
  const first = Buffer.from(text)
  const repeated = Buffer.alloc(4 * blocks)
  for (let block = 0; block < blocks; block++) {
    const header = ((128 * 1024) << 3) | (1 << 1) | (block === blocks - 1 ? 1 : 0)
    repeated.writeUIntLE(header, 4 * block, 3)
    repeated.write(character, 4 * block + 3, 'latin1')
  }
  const header = first.length << 3
  const start = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x00, 10 << 3, header, header >> 8, header >> 16)
  return Buffer.concat([start, first, repeated])
}
