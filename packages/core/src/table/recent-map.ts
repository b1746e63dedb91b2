/** A map of the few entries that were used last: for what is large and can be made again. */
export class RecentMap<Key, Entry> {
  readonly #max: number
  /** The least recently used first. */
  readonly #entries = new Map<Key, Entry>()

  constructor(max: number) {
    this.#max = max
  }

  get(key: Key): Entry | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    this.#entries.delete(key)
    this.#entries.set(key, entry)
    return entry
  }

  set(key: Key, entry: Entry): void {
    this.#entries.delete(key)
    this.#entries.set(key, entry)
    if (this.#entries.size <= this.#max) return
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest)
      return
    }
  }
}
