/** Texts to choose from, as bytes: made once, shared by all threads, never changed. */

export interface Pool {
  readonly name: string
  /** Entries in the pool. */
  readonly size: number
  /** All entries, one after the other, in UTF-8. */
  readonly bytes: Uint8Array
  /** Entry `at` lies from `ends[at]` up to `ends[at + 1]`. */
  readonly ends: Int32Array
  /** Characters of the longest entry. */
  readonly lengthMax: number
}

/** A pool in memory that threads share. */
export function makePool(name: string, entries: readonly string[]): Pool {
  const encoded = entries.map((entry) => Buffer.from(entry, 'utf8'))
  const total = encoded.reduce((sum, { length }) => sum + length, 0)
  const bytes = new Uint8Array(new SharedArrayBuffer(total))
  const ends = new Int32Array(new SharedArrayBuffer((entries.length + 1) * 4))
  let end = 0
  for (const [at, entry] of encoded.entries()) {
    bytes.set(entry, end)
    end += entry.length
    ends[at + 1] = end
  }
  const lengthMax = entries.reduce((longest, entry) => Math.max(longest, [...entry].length), 0)
  return { name, size: entries.length, bytes, ends, lengthMax }
}

/** An entry as a string; not for hot paths. */
export function poolText(pool: Pool, at: number): string {
  const bytes = pool.bytes.slice(pool.ends[at] as number, pool.ends[at + 1] as number)
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8')
}

/** All entries as strings. */
export function poolTexts(pool: Pool): string[] {
  return Array.from({ length: pool.size }, (_, at) => poolText(pool, at))
}
