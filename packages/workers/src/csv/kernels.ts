/**
 * Loads the CSV kernels. A thread compiles them once; every WebAssembly memory that is parsed in needs an
 * instance of its own. A module can be handed to other threads.
 */
import { readFileSync } from 'node:fs'
import { type LogicalType, type NamedType, physicalTypeOf } from '@millrace/core/base'

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
  readonly parseInt16: FieldKernel
  readonly parseInt8: FieldKernel
  readonly parseUint64: FieldKernel
  readonly parseUint32: FieldKernel
  readonly parseUint16: FieldKernel
  readonly parseUint8: FieldKernel
  readonly parseDouble: FieldKernel
  readonly parseFloats: FieldKernel
  readonly parseDecimal: FieldKernel
  readonly parseBool: FieldKernel
  readonly parseStrings: FieldKernel
  readonly parseDates: FieldKernel
  readonly parseTimes: FieldKernel
  readonly parseTimestamps: FieldKernel
  readonly parseUuids: FieldKernel
  readonly leaveCells: FieldKernel
  unescapeStrings(control: number, rows: number, values: number, scratch: number): void
  movePlainTexts(control: number, rows: number, values: number, out: number): number
  countLineEnds(from: number, to: number): number
  dropRows(drops: number, rows: number, values: number, nulls: number): number
  textBytes(values: number, rows: number): number
  gatherTexts(values: number, rows: number, offsets: number, out: number): void
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

/** The kernels of the types that are a name alone. Those of the others leave every cell to the caller. */
const kernelNames = {
  INT64: 'parseInt64',
  INT32: 'parseInt32',
  INT16: 'parseInt16',
  INT8: 'parseInt8',
  UINT64: 'parseUint64',
  UINT32: 'parseUint32',
  UINT16: 'parseUint16',
  UINT8: 'parseUint8',
  DOUBLE: 'parseDouble',
  FLOAT: 'parseFloats',
  BOOL: 'parseBool',
  STRING: 'parseStrings',
  JSON: 'parseStrings',
  DATE: 'parseDates',
  TIME: 'parseTimes',
  TIMESTAMP: 'parseTimestamps',
  UUID: 'parseUuids',
  INTERVAL: 'leaveCells',
  BLOB: 'leaveCells',
} as const satisfies Record<NamedType, keyof CsvKernels>

/** The kernel that parses columns of `type`. */
export function fieldKernelOf(kernels: CsvKernels, type: LogicalType): FieldKernel {
  const name = kernelNames[type as NamedType]
  if (name !== undefined) return kernels[name]
  // A DECIMAL, or a list.
  return physicalTypeOf(type) === 'int' ? kernels.parseDecimal : kernels.leaveCells
}
