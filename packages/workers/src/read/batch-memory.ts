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
 * Gives V8 the occasion to free batches that nobody has any more, once for each that was let go. V8 collects
 * its young objects, in less than a millisecond, when the arrays among them have 32 MB outside of its heap
 * (twice `kMaxSemiSpaceSize`); it counts arrays that came with messages, but looks at the count only when
 * this thread makes one (`Heap::AllocateExternalBackingStore`).
 *
 * Young objects go only when no old one refers to them, be it dead itself. So what every batch passes must
 * not link one to the next: no `Map` or `Set` whose entries come and go (V8's old tables refer to the new
 * ones), no queue that keeps what it gave out.
 */
export function letBatchesGo(): void {
  Buffer.allocUnsafeSlow(outsideHeapBytes)
}
