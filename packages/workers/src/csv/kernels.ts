/**
 * Loads the CSV kernels. A thread compiles them once; every WebAssembly memory that is parsed in needs an
 * instance of its own. A module can be handed to other threads.
 */
import { readFileSync } from 'node:fs'
import type { LogicalType } from '@millrace/core/internal'

/** Parses one column of scanned records; see `assembly/cell.ts` for the parameters. */
export type FieldKernel = (
  control: number,
  starts: number,
  startStride: number,
  startBias: number,
  ends: number,
  endStride: number,
  rows: number,
  values: number,
  nulls: number,
) => void

/** The kernels' exports as they are in the module. Addresses and counts are numbers. */
export interface CsvKernels {
  scanQuick(
    control: number,
    from: number,
    to: number,
    blockEnd: number,
    rowsMax: number,
    dataEnd: number,
    atEnd: number,
  ): number
  scanExact(
    control: number,
    from: number,
    stopAt: number,
    rowsMax: number,
    dataEnd: number,
    atEnd: number,
  ): number
  readonly parseInt64: FieldKernel
  readonly parseInt32: FieldKernel
  readonly parseDouble: FieldKernel
  readonly parseBool: FieldKernel
  readonly parseStrings: FieldKernel
  readonly parseDates: FieldKernel
  readonly parseTimestamps: FieldKernel
  unescapeStrings(control: number, rows: number, values: number): void
  countLineEnds(from: number, to: number): number
  dropRows(drops: number, rows: number, values: number, nulls: number): number
}

let compiled: WebAssembly.Module | undefined

/** The compiled kernels, for this thread and to hand to others. */
export function csvKernelsModule(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(readFileSync(new URL('../../wasm/kernels.wasm', import.meta.url)))
  return compiled
}

/** The kernels over `memory`. `module` spares compiling when another thread has done so. */
export function loadCsvKernels(memory: WebAssembly.Memory, module = csvKernelsModule()): CsvKernels {
  const instance = new WebAssembly.Instance(module, { env: { memory } })
  return instance.exports as unknown as CsvKernels
}

/** The kernel that parses columns of `type`. */
export function fieldKernelOf(kernels: CsvKernels, type: LogicalType): FieldKernel {
  switch (type) {
    case 'INT64':
      return kernels.parseInt64
    case 'INT32':
      return kernels.parseInt32
    case 'DOUBLE':
      return kernels.parseDouble
    case 'BOOL':
      return kernels.parseBool
    case 'STRING':
      return kernels.parseStrings
    case 'DATE':
      return kernels.parseDates
    case 'TIMESTAMP':
      return kernels.parseTimestamps
  }
}
