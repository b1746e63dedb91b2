/**
 * The encoder half of the store's sink, in a parse worker: turns parsed columns into pages (nodes), or into
 * chunks by partition with resolved endpoints (relationships).
 *
 * Memory: everything lies in the parse worker's arena, behind the parser's regions.
 */
import {
  type Arena,
  assert,
  type BatchEncoderContext,
  BufferPool,
  type ColumnBuffer,
  createBatchEncoderContext,
  decodeCatalog,
  encodeNodeBatch,
  encodeRelBatch,
  type File,
  KeyResolver,
  type KeysToResolve,
  MemoryBudget,
  type NodeTable,
  nodeFileSystem,
  PageReader,
  requireTableById,
  type SharedMapPlace,
  Snapshot,
  withIoErrors,
} from '@millrace/core/internal'
import { type AbsentColumn, type EncodeSpec, throwIfStopped } from '../batch/index.js'
import { type CsvKernels, loadCsvKernels, type ParseColumn, type ParsedBlock } from '../csv/index.js'
import { keyText } from './key-text.js'
import type { BatchEncoder, EncodeResult, MissingNode } from './sink.js'

/** What an encoder needs to know of its import. */
export interface EncoderJob {
  /** Null: plain columns. */
  readonly encode: EncodeSpec | null
  /** For relationships, the first two are the endpoints' keys. */
  readonly columns: readonly ParseColumn[]
  readonly rowsMax: number
  /** Bytes of a batch at most. */
  readonly slotBytes: number
  readonly ignoreErrors: boolean
  readonly errorsKeptMax: number
  /** The buffer pool. */
  readonly pool: SharedArrayBuffer
  /** The load's control words. */
  readonly control: Int32Array
  /** Relationships: bytes of the arena that a map of an endpoint's keys may take. */
  readonly keyBytes: number
  /** Relationships: the maps of endpoints' keys that the workers share. */
  readonly keyMaps: readonly SharedMapPlace[]
}

/** The encoder of a job for a table. */
export function createEncoder(job: EncoderJob, arena: Arena): BatchEncoder {
  const { encode, rowsMax } = job
  assert(encode !== null, 'the batches of the job are for a table')
  return encode.kind === 'nodes'
    ? new NodeEncoder(encode, rowsMax, arena)
    : new RelEncoder(job, encode, arena)
}

/** Columns of the table that the input does not have: all null, and all sharing one region. */
class AbsentColumns {
  readonly #columns: readonly AbsentColumn[]
  readonly #values: number
  readonly #nulls: number

  constructor(columns: readonly AbsentColumn[], rowsMax: number, arena: Arena) {
    this.#columns = columns
    const rows = columns.length === 0 ? 0 : rowsMax
    this.#values = arena.allocate(rows * 8)
    this.#nulls = arena.allocate(rows + 64)
    const bytes = arena.bytes
    bytes.fill(0, this.#values, this.#values + rows * 8)
    bytes.fill(1, this.#nulls, this.#nulls + rows)
  }

  /** The table's columns in their order: `present` with the absent ones between them. */
  complete(present: readonly ColumnBuffer[], rows: number): ColumnBuffer[] {
    const columns = [...present]
    for (const { index, type } of this.#columns) {
      columns.splice(index, 0, { type, rows, values: this.#values, nulls: this.#nulls, nullCount: rows })
    }
    return columns
  }
}

/** What opening a snapshot takes; keys are decoded in the parse worker's own arena. */
const snapshotBytes = 1 << 20

const full: EncodeResult = { kind: 'full' }

class NodeEncoder implements BatchEncoder {
  readonly #context: BatchEncoderContext
  readonly #keyColumn: number
  readonly #absent: AbsentColumns

  constructor(spec: Extract<EncodeSpec, { kind: 'nodes' }>, rowsMax: number, arena: Arena) {
    this.#context = createBatchEncoderContext(arena)
    this.#keyColumn = spec.keyColumn
    this.#absent = new AbsentColumns(spec.absent, rowsMax, arena)
  }

  encode(parsed: ParsedBlock, target: Uint8Array): EncodeResult {
    const columns = this.#absent.complete(parsed.columns, parsed.rows)
    const batch = encodeNodeBatch(this.#context, columns, this.#keyColumn, parsed.rows, target)
    if (batch === null) return full
    return { kind: 'batch', batch: { kind: 'nodes', ...batch }, missing: [], missingCount: 0 }
  }

  close(): void {}
}

/** One end of the relationships: the column that names it and the table its keys belong to. */
interface Endpoint {
  readonly column: string
  readonly table: NodeTable
  readonly resolver: KeyResolver
}

class RelEncoder implements BatchEncoder {
  readonly #job: EncoderJob
  readonly #spec: Extract<EncodeSpec, { kind: 'rels' }>
  readonly #arena: Arena
  readonly #context: BatchEncoderContext
  readonly #csvKernels: CsvKernels
  readonly #absent: AbsentColumns
  readonly #file: File
  readonly #snapshot: Snapshot
  readonly #from: Endpoint
  readonly #to: Endpoint

  constructor(job: EncoderJob, spec: Extract<EncodeSpec, { kind: 'rels' }>, arena: Arena) {
    this.#job = job
    this.#spec = spec
    this.#arena = arena
    this.#context = createBatchEncoderContext(arena)
    this.#csvKernels = loadCsvKernels(arena.memory)
    this.#absent = new AbsentColumns(spec.absent, job.rowsMax, arena)
    const catalog = decodeCatalog(new Uint8Array(spec.catalog))
    const context = { operation: 'opening', file: spec.databasePath }
    this.#file = withIoErrors(context, () => nodeFileSystem.open(spec.databasePath, 'read'))
    const check = () => throwIfStopped(job.control)
    const reader = new PageReader(this.#file, BufferPool.attach(job.pool), { check })
    const budget = new MemoryBudget(snapshotBytes)
    this.#snapshot = new Snapshot(catalog, reader, { budget, cacheBytes: 0 })
    try {
      this.#from = this.#endpoint(spec.fromTableId, 0)
      this.#to = spec.toTableId === spec.fromTableId ? this.#sameTable(1) : this.#endpoint(spec.toTableId, 1)
    } catch (error) {
      this.close()
      throw error
    }
  }

  encode(parsed: ParsedBlock, target: Uint8Array): EncodeResult {
    const mark = this.#arena.mark()
    try {
      return this.#encode(parsed, target)
    } finally {
      this.#arena.release(mark)
    }
  }

  close(): void {
    this.#snapshot.close()
    this.#file.close()
  }

  #endpoint(tableId: number, column: 0 | 1): Endpoint {
    const table = requireTableById(this.#snapshot.catalog, tableId) as NodeTable
    const sharedMap = this.#job.keyMaps.find((map) => map.tableId === tableId)
    const resolver = new KeyResolver(this.#snapshot, table, this.#context, {
      mapBytesMax: this.#job.keyBytes,
      ...(sharedMap === undefined ? {} : { sharedMap }),
    })
    return { column: this.#job.columns[column]!.name, table, resolver }
  }

  #sameTable(column: 0 | 1): Endpoint {
    return { ...this.#from, column: this.#job.columns[column]!.name }
  }

  #encode(parsed: ParsedBlock, target: Uint8Array): EncodeResult {
    const [fromKeys, toKeys, ...present] = parsed.columns as [ColumnBuffer, ColumnBuffer, ...ColumnBuffer[]]
    let { rows } = parsed
    const from = this.#arena.allocate(rows * 8)
    const to = this.#arena.allocate(rows * 8)
    const missingCount = this.#resolve({ keys: fromKeys, out: from }, { keys: toKeys, out: to })
    let columns = present
    let missing: MissingNode[] = []
    let dropped = 0
    if (missingCount > 0) {
      const drops = this.#arena.allocate(rows)
      missing = this.#findMissing(fromKeys, toKeys, from, to, drops)
      if (!this.#job.ignoreErrors)
        return { kind: 'batch', batch: null, missing: missing.slice(0, 1), missingCount: 1 }
      dropped = this.#arena.bytes.subarray(drops, drops + rows).reduce((sum, byte) => sum + byte, 0)
      columns = this.#drop(present, from, to, drops, { rows, kept: rows - dropped })
      rows -= dropped
    }
    if (rows === 0) return { kind: 'batch', batch: null, missing, missingCount: dropped }
    const all = this.#absent.complete(columns, rows)
    const batch = encodeRelBatch(this.#context, from, to, all, rows, this.#spec.partitioning, target)
    if (batch === null) return full
    return { kind: 'batch', batch: { kind: 'rels', ...batch }, missing, missingCount: dropped }
  }

  /** Finds the nodes at both ends, of one table together. Returns how many there are not. */
  #resolve(from: KeysToResolve, to: KeysToResolve): number {
    const { resolver } = this.#from
    if (resolver === this.#to.resolver) return resolver.resolveAll([from, to])
    return resolver.resolveAll([from]) + this.#to.resolver.resolveAll([to])
  }

  /** Marks the rows without one of their nodes in `drops`, and describes the first of them. */
  #findMissing(
    fromKeys: ColumnBuffer,
    toKeys: ColumnBuffer,
    from: number,
    to: number,
    drops: number,
  ): MissingNode[] {
    const { rows } = fromKeys
    const buffer = this.#arena.memory.buffer
    const marks = new Uint8Array(buffer, drops, rows).fill(0)
    // The high half of an offset is −1 exactly when the offset is.
    const fromHalves = new Int32Array(buffer, from, rows * 2)
    const toHalves = new Int32Array(buffer, to, rows * 2)
    const missing: MissingNode[] = []
    for (let row = 0; row < rows; row++) {
      const noFrom = fromHalves[row * 2 + 1] === -1
      if (!noFrom && toHalves[row * 2 + 1] !== -1) continue
      marks[row] = 1
      if (missing.length >= this.#job.errorsKeptMax) continue
      const { column, table } = noFrom ? this.#from : this.#to
      const key = keyText(this.#arena, noFrom ? fromKeys : toKeys, row)
      missing.push({ row, column, table: table.name, key })
    }
    return missing
  }

  /** Leaves the marked rows out of all columns. */
  #drop(
    columns: readonly ColumnBuffer[],
    from: number,
    to: number,
    drops: number,
    { rows, kept }: { rows: number; kept: number },
  ): ColumnBuffer[] {
    const noNulls = this.#arena.allocate(rows + 64)
    this.#arena.bytes.fill(0, noNulls, noNulls + rows)
    this.#csvKernels.dropRows(drops, rows, from, noNulls)
    this.#csvKernels.dropRows(drops, rows, to, noNulls)
    return columns.map((column) => ({
      ...column,
      rows: kept,
      nullCount: this.#csvKernels.dropRows(drops, rows, column.values, column.nulls),
    }))
  }
}
