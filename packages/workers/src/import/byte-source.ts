/** Sources of bytes that go through a ring: streams, packed files, files that are decoded. */
import type { Readable } from 'node:stream'

/** Bytes that come once and in order. */
export interface ByteSource {
  /** For messages. */
  readonly name: string
  readonly chunks: AsyncIterable<Uint8Array | string>
  /** Ends it early. */
  destroy(): void
  /** Bytes of what lies packed, for so many unpacked ones. */
  packedBytesAt?(position: number): number
  /** @throws MillraceError `MILLRACE_SOURCE_CHANGED` when it is not what it was when it was opened */
  check?(): void
  /** The same bytes, to be ended by itself; only before this is ended, and not where they come only once. */
  again?(): ByteSource
}

/** The caller's stream, or a pipe; `name` is what it is called in errors. */
export function sourceOfStream(stream: Readable, name: string): ByteSource {
  return { name, chunks: stream, destroy: () => void stream.destroy() }
}
