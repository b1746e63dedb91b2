/**
 * Brings V8 and the C library to use the memory of batches that were let go for the next ones. Left alone,
 * V8 marks the whole heap for every 64 MB of batches, and the system makes and clears every page anew. The
 * caller's thread only; where V8 or the C library are others, nothing happens.
 */

/**
 * Larger than a batch is. What glibc keeps free is twice as much for each thread, and no more: memory of 32
 * MB, the most that has an effect, would keep all that was ever read.
 */
const keptBytes = (12 << 20) - 2 * 4096

/** More than V8 keeps within its heap (`typed_array_max_size_in_heap`, 64 bytes). */
const outsideHeapBytes = 128

let isKept = false

/**
 * Lets glibc keep memory that it frees, once for the process. It returns what is larger than a threshold to
 * the system at once, and raises the threshold to the largest that was returned (mallopt(3),
 * `M_MMAP_THRESHOLD`). So some memory that nobody has touched is freed here.
 */
export function keepFreedMemory(): void {
  if (isKept) return
  isKept = true
  const { port1 } = new MessageChannel()
  const { buffer } = Buffer.allocUnsafeSlow(keptBytes)
  port1.close()
  // A port that is closed drops its messages, and at once what moves with them.
  port1.postMessage(null, [buffer as ArrayBuffer])
}

/**
 * What arrays of V8's young objects have outside of its heap when it collects them: twice its
 * `kMaxSemiSpaceSize`, as of Node 20 and 22.
 */
const collectedBytes = 32 << 20

/** Since then it is 64 MB, for which V8 marks the whole heap already. */
const collectsInTime = Number.parseInt(process.versions.node, 10) < 24

/** Items of an array that takes 64 KiB of the young space. */
const fillerItems = 8190
const fillerBytes = 64 << 10

/** Fills what is free of the young space, which V8 collects then. */
function fillYoungSpace(): void {
  // Not imported: who collects in time need not load it.
  const { getHeapSpaceStatistics } = process.getBuiltinModule('node:v8')
  const young = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')
  let filler: unknown
  for (let left = young?.space_available_size ?? 0; left > -fillerBytes; left -= fillerBytes) {
    filler = new Array(fillerItems)
  }
  void filler
}

/**
 * Gives V8 the occasion to free batches that nobody has any more, with its young objects: in less than a
 * millisecond. It counts arrays that came with messages, but looks at the count only when this thread makes
 * one (`Heap::AllocateExternalBackingStore`).
 *
 * Young objects go only when no old one refers to them, be it dead itself. So what every batch passes must
 * not link one to the next: no `Map` or `Set` whose entries come and go (V8's old tables refer to the new
 * ones), no queue that keeps what it gave out.
 */
export class LetGo {
  #bytes = 0

  /** Whoever iterates has asked for what follows a batch of `bytes`. */
  add(bytes: number): void {
    if (collectsInTime) {
      Buffer.allocUnsafeSlow(outsideHeapBytes)
      return
    }
    this.#bytes += bytes
    if (this.#bytes < collectedBytes) return
    this.#bytes = 0
    fillYoungSpace()
  }
}
