/**
 * Reads segments: from pages through the buffer pool to vectors, with a cache of decoded vectors bounded in
 * bytes. One per thread.
 *
 * Invariants
 * - The cache is keyed by the descriptor object itself. Catalogs share descriptors when they share segments,
 *   so snapshots share entries; and a page number that is used again comes with a new descriptor, so an old
 *   vector can never be taken for it.
 * - Cached bytes are reserved from the budget and never exceed `cacheBytes`; the least recently used go
 *   first. (A `Map` in insertion order is the list: an LRU map that counts entries cannot bound their bytes.)
 * - The arena holds nothing between two calls.
 */
import { describePlace, type PageReader, type RunPlace } from '../buffer/index.js'
import { type ColumnBuffer, kernelSlackBytes, type SegmentDescriptor, type Vector } from '../column/index.js'
import type { MemoryBudget } from '../memory/index.js'
import type { WorkingMemory } from './working-memory.js'

export class SegmentSource {
  readonly reader: PageReader
  readonly memory: WorkingMemory
  readonly budget: MemoryBudget
  readonly #cacheBytes: number
  readonly #cache = new Map<SegmentDescriptor, Vector>()
  #cachedBytes = 0
  #content = new Uint8Array(0)

  constructor(reader: PageReader, memory: WorkingMemory, budget: MemoryBudget, cacheBytes: number) {
    this.reader = reader
    this.memory = memory
    this.budget = budget
    this.#cacheBytes = cacheBytes
  }

  /** Bytes of decoded vectors held now. */
  get cachedBytes(): number {
    return this.#cachedBytes
  }

  /** The decoded segment. Vectors are shared: nobody writes to them. */
  vector(descriptor: SegmentDescriptor, place: RunPlace): Vector {
    const cached = this.#cache.get(descriptor)
    if (cached !== undefined) {
      this.#cache.delete(descriptor)
      this.#cache.set(descriptor, cached)
      return cached
    }
    const vector = this.#decode(descriptor, place)
    this.#keep(descriptor, vector)
    return vector
  }

  /** Decodes into lanes in the arena, which belong to the caller: mark before, release after. */
  lanes(descriptor: SegmentDescriptor, place: RunPlace): ColumnBuffer {
    const { arena, decoder } = this.memory
    const address = arena.allocate(descriptor.contentBytes + kernelSlackBytes)
    if (descriptor.contentBytes > 0) {
      const content = new Uint8Array(arena.memory.buffer, address, descriptor.contentBytes)
      this.reader.read(descriptor, place, 0, content)
    }
    return decoder.decodeLanes(descriptor, address, describePlace(place))
  }

  /**
   * Reads a segment's content past the buffer pool into the arena, where it belongs to the caller.
   * @param verified true when its pages have been verified before
   * @returns its address; `kernelSlackBytes` behind it can be read
   */
  contentPastPool(descriptor: SegmentDescriptor, place: RunPlace, verified: boolean): number {
    const { arena } = this.memory
    const { contentBytes } = descriptor
    const address = arena.allocate(contentBytes + kernelSlackBytes)
    if (contentBytes > 0) {
      const content = new Uint8Array(arena.memory.buffer, address, contentBytes)
      this.reader.readPastPool(descriptor, place, 0, content, verified)
    }
    return address
  }

  /** Forgets all vectors and gives their bytes back to the budget. */
  clear(): void {
    this.#cache.clear()
    this.budget.release(this.#cachedBytes)
    this.#cachedBytes = 0
  }

  /** Forgets all vectors and gives the arena's bytes back too. Nothing may use it afterwards. */
  close(): void {
    this.clear()
    this.budget.release(this.memory.arena.sizeBytes)
  }

  #decode(descriptor: SegmentDescriptor, place: RunPlace): Vector {
    const { arena, decoder } = this.memory
    // The content lies outside the arena: decoding may grow it, and growth would take the view away.
    if (this.#content.length < descriptor.contentBytes)
      this.#content = new Uint8Array(descriptor.contentBytes)
    const content = this.#content.subarray(0, descriptor.contentBytes)
    if (content.length > 0) this.reader.read(descriptor, place, 0, content)
    const mark = arena.mark()
    try {
      return decoder.decode(descriptor, content, describePlace(place))
    } finally {
      arena.release(mark)
    }
  }

  #keep(descriptor: SegmentDescriptor, vector: Vector): void {
    const bytes = vectorBytes(vector)
    if (bytes > this.#cacheBytes) return
    while (this.#cachedBytes + bytes > this.#cacheBytes || !this.budget.tryReserve(bytes)) {
      const oldest = this.#cache.entries().next().value
      if (oldest === undefined) return
      const oldBytes = vectorBytes(oldest[1])
      this.#cache.delete(oldest[0])
      this.#cachedBytes -= oldBytes
      this.budget.release(oldBytes)
    }
    this.#cache.set(descriptor, vector)
    this.#cachedBytes += bytes
  }
}

/** Bytes that the arrays of a vector take. */
export function vectorBytes(vector: Vector): number {
  const nulls = vector.nulls?.byteLength ?? 0
  if (vector.kind !== 'string') return vector.values.byteLength + nulls
  return nulls + vector.offsets.byteLength + vector.bytes.byteLength + (vector.codes?.byteLength ?? 0)
}
