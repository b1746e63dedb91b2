/**
 * Where the rows of a stretch began, of a stream: when a row turns out to be a duplicate, its bytes are gone.
 * That is a byte or two a row, kept in a bounded piece of memory and what does not fit there in a temporary
 * file beside the database. Runs on the caller's thread.
 */
import {
  type MemoryBudget,
  nodeFileSystem,
  Spool,
  SpoolBlocks,
  type SpoolCursor,
} from '@millrace/core/internal'

/** Part of an import's budget that is for them. */
const placesShare = 1 / 64

/** Bytes that are passed over at once. */
const skipBytes = 1 << 16

/** What was kept of a batch. */
export interface KeptBatch {
  /** Among the bytes of all batches of the stretch. */
  readonly from: number
  readonly bytes: number
}

export class KeptPlaces {
  readonly #path: string
  readonly #blocks: SpoolBlocks
  #spool: Spool

  /** @throws MillraceError `MILLRACE_MEMORY_BUDGET` */
  constructor(databasePath: string, budget: MemoryBudget) {
    this.#path = databasePath
    this.#blocks = new SpoolBlocks(budget, budget.bytesMax * placesShare, 1)
    this.#spool = this.#newSpool()
  }

  /** Keeps the places of a batch's rows. @throws MillraceError as the disk does when it is full */
  add(places: Uint8Array): KeptBatch {
    const from = this.#spool.bytesOf(0)
    this.#spool.append(0, places)
    return { from, bytes: places.length }
  }

  /** For batches in their order. Nothing may be added meanwhile. */
  reader(): KeptPlacesReader {
    return new KeptPlacesReader(this.#spool.read(0))
  }

  /** Forgets them: a stretch begins. */
  clear(): void {
    this.#spool.close()
    this.#spool = this.#newSpool()
  }

  /** Gives the memory back, and removes the file. */
  close(): void {
    this.#spool.close()
    this.#blocks.close()
  }

  #newSpool(): Spool {
    return new Spool({ fileSystem: nodeFileSystem, path: this.#path, partitions: 1, blocks: this.#blocks })
  }
}

export class KeptPlacesReader {
  readonly #cursor: SpoolCursor
  #position = 0

  constructor(cursor: SpoolCursor) {
    this.#cursor = cursor
  }

  /** What was kept of a batch, behind the one that was asked for before. */
  read({ from, bytes }: KeptBatch): Uint8Array {
    while (this.#position < from) this.#take(Math.min(skipBytes, from - this.#position))
    return this.#take(bytes)
  }

  #take(bytes: number): Uint8Array {
    const taken = new Uint8Array(bytes)
    this.#cursor.read(taken)
    this.#position += bytes
    return taken
  }
}
