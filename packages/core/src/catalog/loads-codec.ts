/**
 * What a table remembers of its loads, and what a change says of one, as bytes.
 *
 * | loads         | unfinished kind u8 (1 none, 2 a load follows) · unfinished load · finished sources list                |
 * |---------------|--------------------------------------------------------------------------------------------------------|
 * | progress      | kind u8 (1 unfinished, 2 ended) · unfinished load, or finished sources list                              |
 * | unfinished    | sources list · settings text · position · rejects kind u8 (1 none, 2 follow) · path text · bytes u64    |
 * | source        | path text · size u64 · modified i64 (nanoseconds since 1970) · hash of its head, 16 bytes               |
 * | position      | source u32 · byte u64 · records u64 · line ends u64 · mid-line u8 (1 no, 2 yes) · checksum u32 · rows u64 · skipped u64 |
 * | finished      | identity 16 bytes · modified i64                                                                       |
 */
import type { ByteReader, ByteWriter } from '../format/index.js'
import { finishedSourcesMax, loadSettingsBytesMax, loadSourcesMax, rejectsPathBytesMax } from '../limits.js'
import {
  type FinishedSource,
  type LoadPosition,
  type LoadProgress,
  type LoadRejects,
  type LoadSource,
  sourceHashBytes,
  type TableLoads,
  type UnfinishedLoad,
} from './table-loads.js'

const presence = { none: 1, present: 2 } as const
const progressKinds = { unfinished: 1, ended: 2 } as const

const sourceBytesMin = 2 + 8 + 8 + sourceHashBytes
const finishedBytes = sourceHashBytes + 8

function writeHash(writer: ByteWriter, hash: string): void {
  writer.bytes(Buffer.from(hash, 'hex'))
}

function readHash(reader: ByteReader): string {
  return Buffer.from(reader.bytes(sourceHashBytes)).toString('hex')
}

/** A byte that is one of two. */
function readEither(reader: ByteReader, what: string): boolean {
  const kind = reader.u8()
  if (kind !== presence.none && kind !== presence.present)
    throw reader.corrupt(`${what} of the unknown kind ${kind}`)
  return kind === presence.present
}

function writeSource(writer: ByteWriter, source: LoadSource): void {
  writer.text16(source.path).u64(source.sizeBytes).i64(source.modifiedNs)
  writeHash(writer, source.headHash)
}

function readSource(reader: ByteReader): LoadSource {
  const path = reader.text16(0xffff, "a source's path")
  return { path, sizeBytes: reader.u64(), modifiedNs: reader.i64(), headHash: readHash(reader) }
}

function writePosition(writer: ByteWriter, position: LoadPosition): void {
  const { source, byteOffset, records, lines, midLine, checksum, rows, skipped } = position
  writer.u32(source).u64(byteOffset).u64(records).u64(lines)
  writer.u8(midLine ? presence.present : presence.none)
  writer.u32(checksum).u64(rows).u64(skipped)
}

function readPosition(reader: ByteReader): LoadPosition {
  return {
    source: reader.u32(),
    byteOffset: reader.u64(),
    records: reader.u64(),
    lines: reader.u64(),
    midLine: readEither(reader, 'a place in a line'),
    checksum: reader.u32(),
    rows: reader.u64(),
    skipped: reader.u64(),
  }
}

function readRejects(reader: ByteReader): LoadRejects | null {
  if (!readEither(reader, 'refused records')) return null
  return { path: reader.text16(rejectsPathBytesMax, 'the path of refused records'), bytes: reader.u64() }
}

function writeUnfinished(writer: ByteWriter, load: UnfinishedLoad): void {
  writer.u32(load.sources.length)
  for (const source of load.sources) writeSource(writer, source)
  writer.text16(load.settings)
  writePosition(writer, load.position)
  if (load.rejects === null) writer.u8(presence.none)
  else writer.u8(presence.present).text16(load.rejects.path).u64(load.rejects.bytes)
}

function readUnfinished(reader: ByteReader): UnfinishedLoad {
  const count = reader.count(loadSourcesMax, sourceBytesMin, 'sources of a load')
  const sources: LoadSource[] = []
  for (let index = 0; index < count; index++) sources.push(readSource(reader))
  const settings = reader.text16(loadSettingsBytesMax, 'the settings of a load')
  return { sources, settings, position: readPosition(reader), rejects: readRejects(reader) }
}

function writeFinished(writer: ByteWriter, sources: readonly FinishedSource[]): void {
  writer.u32(sources.length)
  for (const { identity, modifiedNs } of sources) {
    writeHash(writer, identity)
    writer.i64(modifiedNs)
  }
}

function readFinished(reader: ByteReader): FinishedSource[] {
  const count = reader.count(finishedSourcesMax, finishedBytes, 'finished sources')
  const sources: FinishedSource[] = []
  for (let index = 0; index < count; index++) {
    sources.push({ identity: readHash(reader), modifiedNs: reader.i64() })
  }
  return sources
}

export function writeLoads(writer: ByteWriter, { unfinished, finished }: TableLoads): void {
  writer.u8(unfinished === null ? presence.none : presence.present)
  if (unfinished !== null) writeUnfinished(writer, unfinished)
  writeFinished(writer, finished)
}

export function readLoads(reader: ByteReader): TableLoads {
  const unfinished = readEither(reader, 'an unfinished load') ? readUnfinished(reader) : null
  return { unfinished, finished: readFinished(reader) }
}

export function writeProgress(writer: ByteWriter, progress: LoadProgress): void {
  writer.u8(progressKinds[progress.kind])
  if (progress.kind === 'unfinished') writeUnfinished(writer, progress.load)
  else writeFinished(writer, progress.sources)
}

export function readProgress(reader: ByteReader): LoadProgress {
  const kind = reader.u8()
  if (kind === progressKinds.unfinished) return { kind: 'unfinished', load: readUnfinished(reader) }
  if (kind === progressKinds.ended) return { kind: 'ended', sources: readFinished(reader) }
  throw reader.corrupt(`the progress of a load of the unknown kind ${kind}`)
}
