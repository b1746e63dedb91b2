/**
 * A map of the few entries that were used last: for what is large and can be made again. It keeps at most
 * `max` entries, and at most `bytesMax` bytes of them, but always the last.
 */
export class RecentMap<Key, Entry> {
  readonly #max: number
  readonly #bytesMax: number
  /** With the bytes that each took when it was kept; the least recently used first. */
  readonly #entries = new Map<Key, { readonly entry: Entry; readonly bytes: number }>()
  #bytes = 0

  constructor(max: number, bytesMax: number) {
    this.#max = max
    this.#bytesMax = bytesMax
  }

  get(key: Key): Entry | undefined {
    const kept = this.#entries.get(key)
    if (kept === undefined) return undefined
    this.#entries.delete(key)
    this.#entries.set(key, kept)
    return kept.entry
  }

  /** Keeps an entry that takes `bytes` bytes. */
  set(key: Key, entry: Entry, bytes: number): void {
    this.#drop(key)
    this.#entries.set(key, { entry, bytes })
    this.#bytes += bytes
    for (const oldest of this.#entries.keys()) {
      const isWithin = this.#entries.size <= this.#max && this.#bytes <= this.#bytesMax
      if (isWithin || this.#entries.size === 1) return
      this.#drop(oldest)
    }
  }

  #drop(key: Key): void {
    this.#bytes -= this.#entries.get(key)?.bytes ?? 0
    this.#entries.delete(key)
  }
}
