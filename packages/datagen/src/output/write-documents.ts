/** Writes documents to their targets: all of them, or none. */
import type { Document } from '../formats/index.js'
import type { RowMaker } from '../threads/index.js'
import type { Target } from './target.js'

export interface WriteProgress {
  readonly rowsWritten: number
  readonly bytesWritten: number
  /** The table whose rows are being written. */
  readonly table?: string
}

export interface WriteOptions {
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: WriteProgress) => void
}

/** What was written. */
export interface Written {
  readonly rows: number
  readonly bytes: number
}

/** @param openTarget the target of a document, opened when its turn comes */
export async function writeDocuments(
  documents: readonly Document[],
  rows: RowMaker,
  openTarget: (document: Document, at: number) => Promise<Target>,
  { signal, onProgress }: WriteOptions,
): Promise<Written> {
  const targets: Target[] = []
  let rowsWritten = 0
  let bytes = 0
  try {
    for (const [at, document] of documents.entries()) {
      const target = await openTarget(document, at)
      targets.push(target)
      for await (const chunk of rows.run(document.pieces, signal)) {
        await target.write(chunk.bytes)
        rowsWritten += chunk.rows
        bytes += chunk.bytes.length
        onProgress?.({
          rowsWritten,
          bytesWritten: bytes,
          ...(chunk.table !== undefined && { table: chunk.table }),
        })
      }
      await target.finish()
    }
    signal?.throwIfAborted()
    for (const target of targets) await target.publish()
    return { rows: rowsWritten, bytes }
  } catch (error) {
    // The first one has made the folder of them all, and leaves it last.
    for (const target of targets.toReversed()) await target.discard()
    throw error
  }
}
