/**
 * A schema made ready to generate: checked, planned, its pools drawn. Everything that can be wrong with a
 * schema is found here, before the first row is made.
 */
import { availableParallelism } from 'node:os'
import type { Writable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { datagenError, schemaError } from '../errors/index.js'
import { type Document, documentsOf, type FormatName, formatNames } from '../formats/index.js'
import {
  batchRowsDefault,
  batchRowsMax,
  fillRowsMax,
  inlineRowsMax,
  insertRowsDefault,
  jobsMax,
  partsMax,
  tableRowsDefault,
} from '../limits.js'
import {
  FileTarget,
  GzipTarget,
  placesOf,
  StreamTarget,
  type Target,
  type WriteProgress,
  type Written,
  writeDocuments,
} from '../output/index.js'
import { type Projection, SchemaPlan, tablesInOrder, unusedOptions } from '../plan/index.js'
import { PoolDrawer } from '../pools/index.js'
import { nearest, type Schema, type Table } from '../schema/index.js'
import { InlineRows, RowFactory, type RowMaker } from '../threads/index.js'
import { RowSet } from '../values/index.js'
import { Batch, columnValues } from './batch.js'
import { loadSchema } from './load-schema.js'

/** What decides the rows. */
export interface GenerateOptions {
  /** Another seed, other data. A whole number ≥ 0; 1 unless given. */
  readonly seed?: number
  /** Rows of tables by name, instead of those of the schema. */
  readonly rows?: Readonly<Record<string, number>>
  /** Times as many rows as the schema says. */
  readonly scale?: number
  /** Rows of tables for which neither `rows` nor the schema says a number. */
  readonly defaultRows?: number
  /** The locale of names and addresses, instead of the schema's. */
  readonly locale?: string
}

/** How rows become bytes. */
export interface FormatOptions {
  readonly format?: FormatName
  /** SQL: rows of an INSERT statement. */
  readonly batchSize?: number
  /** Workers; as many as there are processors unless given. */
  readonly jobs?: number
  /** Part `index` of `count`, from 1 on. */
  readonly part?: { readonly index: number; readonly count: number }
  /** CSV: a line of names before the rows; yes unless given. */
  readonly header?: boolean
  /** Only these tables. */
  readonly tables?: readonly string[]
  readonly signal?: AbortSignal
}

export interface OutputOptions extends FormatOptions {
  /** A folder, a file, or a stream. */
  readonly output: string | Writable
  readonly gzip?: boolean
  readonly onProgress?: (progress: WriteProgress & { readonly rowsTotal: number }) => void
}

/** What was written, and where. */
export interface OutputResult extends Written {
  readonly files: readonly string[]
  readonly elapsedMs: number
}

/** Rows of any columns, made by workers. */
export interface ProjectionReader {
  read(
    table: string,
    projection: Projection,
    signal?: AbortSignal,
  ): AsyncGenerator<Uint8Array, void, undefined>
  close(): Promise<void>
}

const seedDefault = 1

function argument(name: string, value: unknown, expected: string) {
  return datagenError('MILLRACE_DATAGEN_SETTING', {
    source: 'the options',
    name,
    value: JSON.stringify(value),
    expected,
  })
}

/** @throws MillraceError `MILLRACE_DATAGEN_SETTING` unless it is a whole number within bounds */
function checkWhole(name: string, value: number | undefined, min: number, max: number): void {
  if (value === undefined || (Number.isSafeInteger(value) && value >= min && value <= max)) return
  throw argument(name, value, `a whole number from ${min} to ${max}`)
}

/**
 * Makes a schema ready.
 * @param source the path of a JSON or YAML file, a template's name, or a value of that form
 * @throws MillraceError `MILLRACE_DATAGEN_SCHEMA`, `MILLRACE_DATAGEN_UNSATISFIABLE`,
 * `MILLRACE_DATAGEN_SETTING`
 */
export async function generate(source: string | object, options: GenerateOptions = {}): Promise<Generation> {
  const { seed = seedDefault, scale = 1, defaultRows = tableRowsDefault } = options
  checkWhole('seed', seed, 0, Number.MAX_SAFE_INTEGER)
  if (!(scale > 0 && Number.isFinite(scale))) throw argument('scale', scale, 'a number above 0')
  const loaded = loadSchema(source)
  const schema = options.locale === undefined ? loaded : { ...loaded, locale: options.locale }
  const rows = rowsOfTables(schema, { ...options, scale, defaultRows })
  const pools = await PoolDrawer.forLocale(schema.locale)
  const plan = new SchemaPlan(schema, { seed, rows }, pools)
  // Every column is made once: what cannot be made is found now, and all pools are drawn.
  for (const table of schema.tables) plan.sources(table)
  return new Generation(plan, pools, rows)
}

function rowsOfTables(
  schema: Schema,
  {
    rows = {},
    scale,
    defaultRows,
  }: GenerateOptions & { readonly scale: number; readonly defaultRows: number },
): Record<string, number> {
  const names = schema.tables.map(({ name }) => name)
  for (const [name, count] of Object.entries(rows)) {
    checkWhole(`rows of ${name}`, count, 0, Number.MAX_SAFE_INTEGER)
    if (names.includes(name)) continue
    const near = nearest(name, names)
    throw schemaError(
      'rows',
      `there is no table ${name}`,
      near === undefined ? `one of ${names.join(', ')}` : near,
    )
  }
  return Object.fromEntries(
    schema.tables.map(({ name, rowCount, scaled }) => {
      const given = rowCount ?? defaultRows
      return [name, rows[name] ?? (given === 0 ? 0 : Math.max(1, Math.round(given * (scaled ? scale : 1))))]
    }),
  )
}

export class Generation {
  readonly schema: Schema
  readonly seed: number
  readonly #plan: SchemaPlan
  readonly #pools: PoolDrawer
  readonly #rows: Readonly<Record<string, number>>

  constructor(plan: SchemaPlan, pools: PoolDrawer, rows: Readonly<Record<string, number>>) {
    this.schema = plan.schema
    this.seed = plan.seed
    this.#plan = plan
    this.#pools = pools
    this.#rows = rows
  }

  /** The tables with their numbers of rows, each after those that it refers to. */
  get tables(): { readonly name: string; readonly rows: number }[] {
    return tablesInOrder(this.schema).map(({ name }) => ({ name, rows: this.#rows[name] as number }))
  }

  /**
   * What the data may not fulfil, check constraints that are more than can be told from their text; and what
   * the schema says in vain.
   */
  get warnings(): string[] {
    return this.schema.tables.flatMap((table) => [
      ...table.columns.flatMap(unusedOptions),
      ...this.#plan
        .options(table)
        .unknownChecks.map((check) => `${table.path}: values are not fitted to CHECK (${check})`),
    ])
  }

  /**
   * The rows of a table, as JavaScript values, made on this thread.
   * @param options batchSize: rows of a batch; from, to: only these rows, counted from 0
   */
  async *batches(
    name: string,
    options: { readonly batchSize?: number; readonly from?: number; readonly to?: number } = {},
  ): AsyncGenerator<Batch, void, undefined> {
    const table = this.#table(name)
    const { batchSize = batchRowsDefault, from = 0, to = this.#rows[name] as number } = options
    checkWhole('batchSize', batchSize, 1, batchRowsMax)
    const end = Math.min(to, this.#rows[name] as number)
    const sources = this.#plan.sources(table)
    const set = new RowSet()
    for (let first = from; first < end; first += batchSize) {
      const count = Math.min(batchSize, end - first)
      const values = table.columns.map((): ReturnType<typeof columnValues> => [])
      for (let done = 0; done < count; done += fillRowsMax) {
        set.fillFrom(first + done, Math.min(fillRowsMax, count - done))
        for (const [at, { source }] of sources.entries()) {
          const made = columnValues(source, source.read(set), set.count, table.columns[at]!)
          values[at]!.push(...made)
        }
      }
      yield new Batch(table, first, values)
      // Others on this thread have their turn.
      await setImmediate()
    }
  }

  /** The bytes of the whole, made by workers: of a dump, or of the CSV of one table. */
  async *stream(options: FormatOptions = {}): AsyncGenerator<Uint8Array, void, undefined> {
    const [document, other] = this.#documents(options)
    if (document === undefined) return
    if (other !== undefined)
      throw argument('tables', options.tables ?? 'all', 'one table: a stream of CSV holds one')
    const factory = await this.#start(options, rowsOfPieces(document.pieces))
    try {
      // The memory of a chunk is used again; a stream's reader may keep what it got.
      for await (const { bytes } of factory.run(document.pieces, options.signal)) yield Uint8Array.from(bytes)
    } finally {
      await factory.close()
    }
  }

  /**
   * Writes all to files or a stream: all of it, or nothing.
   * @throws MillraceError `MILLRACE_DATAGEN_OUTPUT`; the signal's reason when it is aborted
   */
  async write(options: OutputOptions): Promise<OutputResult> {
    const startedMs = performance.now()
    const { output, onProgress, signal } = options
    const documents = this.#documents(options)
    const gzip = options.gzip ?? (typeof output === 'string' && output.endsWith('.gz'))
    const places =
      typeof output === 'string'
        ? placesOf(documents, output, { ...this.#documentOptions(options), name: this.schema.name, gzip })
        : []
    if (typeof output !== 'string' && documents.length > 1) {
      throw argument('tables', options.tables ?? 'all', 'one table: a stream of CSV holds one (--table)')
    }
    const rowsTotal = documents.reduce((sum, { pieces }) => sum + rowsOfPieces(pieces), 0)
    const factory = await this.#start(options, rowsTotal)
    try {
      const open = async (_: Document, at: number): Promise<Target> => {
        const target =
          typeof output === 'string'
            ? await FileTarget.create(places[at] as string)
            : new StreamTarget(output)
        return gzip ? new GzipTarget(target) : target
      }
      const written = await writeDocuments(documents, factory, open, {
        ...(signal !== undefined && { signal }),
        ...(onProgress !== undefined && { onProgress: (progress) => onProgress({ ...progress, rowsTotal }) }),
      })
      return { ...written, files: places, elapsedMs: performance.now() - startedMs }
    } finally {
      await factory.close()
    }
  }

  /**
   * Workers that make rows of any columns, as CSV without a header: what a loader of graphs asks for. To be
   * closed.
   */
  async projections(options: { readonly jobs?: number } = {}): Promise<ProjectionReader> {
    const rowsTotal = Object.values(this.#rows).reduce((sum, rows) => sum + rows, 0)
    const factory = await this.#start({ ...options, format: 'csv' }, rowsTotal)
    return {
      read: async function* (this: Generation, name: string, projection: Projection, signal?: AbortSignal) {
        const piece = {
          kind: 'rows',
          table: this.#table(name),
          first: 0,
          end: this.#rows[name] as number,
          projection,
        } as const
        for await (const { bytes } of factory.run([piece], signal)) yield Uint8Array.from(bytes)
      }.bind(this),
      close: () => factory.close(),
    }
  }

  #table(name: string): Table {
    const found = this.schema.tables.find((table) => table.name === name)
    if (found !== undefined) return found
    const names = this.schema.tables.map((table) => table.name)
    throw schemaError(
      'tables',
      `there is no table ${name}`,
      nearest(name, names) ?? `one of ${names.join(', ')}`,
    )
  }

  #documentOptions({
    format = 'csv',
    batchSize = insertRowsDefault,
    header = true,
    tables,
    part,
  }: FormatOptions) {
    if (!formatNames.includes(format)) throw argument('format', format, `one of ${formatNames.join(', ')}`)
    checkWhole('batchSize', batchSize, 1, batchRowsMax)
    checkWhole('part.count', part?.count, 1, partsMax)
    checkWhole('part.index', part?.index, 1, part?.count ?? 1)
    for (const name of tables ?? []) this.#table(name)
    return {
      format,
      insertRows: batchSize,
      header,
      ...(tables !== undefined && { tables }),
      ...(part !== undefined && { part }),
    }
  }

  #documents(options: FormatOptions): Document[] {
    const facts = {
      schema: this.schema,
      seed: this.seed,
      rowsOf: ({ name }: Table) => this.#rows[name] as number,
    }
    return documentsOf(facts, this.#documentOptions(options))
  }

  async #start(
    { format = 'csv', batchSize = insertRowsDefault, jobs }: FormatOptions,
    rowsTotal: number,
  ): Promise<RowMaker> {
    checkWhole('jobs', jobs, 1, jobsMax)
    if (jobs === undefined && rowsTotal <= inlineRowsMax)
      return new InlineRows(this.#plan, { format, insertRows: batchSize })
    return await RowFactory.start(
      {
        schema: this.schema,
        seed: this.seed,
        rows: this.#rows,
        format,
        insertRows: batchSize,
        pools: this.#pools.pools,
      },
      jobs ?? Math.min(availableParallelism(), jobsMax),
    )
  }
}

function rowsOfPieces(pieces: Document['pieces']): number {
  return pieces.reduce((sum, piece) => sum + (piece.kind === 'rows' ? piece.end - piece.first : 0), 0)
}
