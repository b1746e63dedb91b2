/**
 * Moves page runs from the end of the file into free pages before them, so that the file can be cut: after a
 * compaction, whose runs lie behind what they replaced.
 *
 * Invariants
 * - Pages are copied as they are: what was damaged stays so, and its checksum goes on telling.
 * - Nothing is visible before the change is committed; until then `abort` gives the pages back.
 */
import { type Catalog, PackedSegments, type RowGroup, type Table, tableRuns } from './catalog/index.js'
import { type PageRun, type RunExtent, runPagesOf } from './format/index.js'
import { type File, withIoErrors } from './io/index.js'
import { pageBytes } from './limits.js'
import type { Merge } from './table/index.js'

/** What moving needs of the store. */
export interface MovableStore {
  readonly file: File
  readonly pageCount: number
  readonly freePages: number
  /** The first page of a free run of `pages` pages that ends before page `end`; −1 when there is none. */
  allocateBelow(end: number, pages: number): number
  free(firstPage: number, pages: number): void
  writePages(firstPage: number, bytes: Uint8Array): void
}

/** It is worth while when at least this share of the file is free. */
const freeShareMin = 0.25

/** Pages that are copied at once. */
const copiedPages = 256

/** Moves what can be moved. Null: that is not worth while, or nothing can. */
export function moveDown(store: MovableStore, catalog: Catalog): Merge | null {
  if (store.freePages < freeShareMin * store.pageCount) return null
  const moved = new Map<number, number>()
  const taken: { firstPage: number; pages: number }[] = []
  const abort = () => {
    for (const { firstPage, pages } of taken) store.free(firstPage, pages)
  }
  try {
    const runs: RunExtent[] = []
    for (const table of catalog.tables) {
      for (const { run } of tableRuns(table)) {
        runs.push({ firstPage: run.firstPage, contentBytes: run.contentBytes })
      }
    }
    // The last first: the file ends where the last one that stays ends.
    for (const run of runs.sort((left, right) => right.firstPage - left.firstPage)) {
      const pages = runPagesOf(run.contentBytes)
      const firstPage = store.allocateBelow(run.firstPage, pages)
      if (firstPage === -1) continue
      taken.push({ firstPage, pages })
      copy(store, run.firstPage, firstPage, pages)
      moved.set(run.firstPage, firstPage)
    }
  } catch (error) {
    abort()
    throw error
  }
  if (moved.size === 0) return null
  const tables = catalog.tables.map((table) => movedTable(table, moved))
  return { change: { kind: 'replaceTables', tables }, abort }
}

function copy(store: MovableStore, from: number, to: number, pages: number): void {
  const buffer = new Uint8Array(Math.min(pages, copiedPages) * pageBytes)
  for (let page = 0; page < pages; page += copiedPages) {
    const bytes = buffer.subarray(0, Math.min(copiedPages, pages - page) * pageBytes)
    withIoErrors({ operation: 'reading', file: store.file.path }, () =>
      store.file.read(bytes, (from + page) * pageBytes),
    )
    store.writePages(to + page, bytes)
  }
}

function movedTable(table: Table, moved: ReadonlyMap<number, number>): Table {
  const run = <Run extends PageRun>(old: Run): Run => {
    const firstPage = old.contentBytes > 0 ? moved.get(old.firstPage) : undefined
    return firstPage === undefined ? old : { ...old, firstPage }
  }
  const group = (old: RowGroup): RowGroup => ({
    ...old,
    segments: PackedSegments.of(Array.from(old.segments, run)),
  })
  if (table.kind === 'node') {
    const runs = table.keys.runs.map((old) => ({ ...old, pages: run(old.pages) }))
    return { ...table, groups: table.groups.map(group), keys: { ...table.keys, runs } }
  }
  const runs = table.runs.map((old) => {
    const side = (groups: typeof old.forward) =>
      groups.map((csr) => ({ ...csr, starts: run(csr.starts), chunks: csr.chunks.map(group) }))
    return { ...old, forward: side(old.forward), backward: side(old.backward) }
  })
  return { ...table, runs }
}
