/**
 * The WebAssembly kernels that work in a memory which threads share: a module of their own, because a
 * module's memory is either shared or not.
 */
import { readFileSync } from 'node:fs'

export interface SharedKernels {
  addPage(
    page: number,
    pageEntriesMax: number,
    map: number,
    buckets: number,
    first: number,
    end: number,
  ): number
  probePairs(
    pairs: number,
    count: number,
    map: number,
    buckets: number,
    scratch: number,
    out: number,
    outMax: number,
    written: number,
  ): number
  addCodes(pairs: number, count: number, map: number, buckets: number, slots: number, scratch: number): number
  findCodes(
    pairs: number,
    count: number,
    map: number,
    buckets: number,
    slots: number,
    scratch: number,
    out: number,
  ): number
  countPacked(
    records: number,
    count: number,
    head: number,
    ends: number,
    buckets: number,
    scratch: number,
  ): number
  sumPacked(ends: number, buckets: number, bytesMax: number, bucketBytesMax: number): number
  addPacked(
    records: number,
    count: number,
    head: number,
    ends: number,
    buckets: number,
    entries: number,
    scratch: number,
  ): number
  findPacked(
    records: number,
    count: number,
    head: number,
    stride: number,
    ends: number,
    buckets: number,
    entries: number,
    scratch: number,
    out: number,
    candidates: number,
    candidatesMax: number,
    written: number,
  ): number
}

let compiled: WebAssembly.Module | undefined

/** The module, compiled once per thread. */
export function sharedKernelsModule(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(
    readFileSync(new URL('../../wasm/shared-kernels.wasm', import.meta.url)),
  )
  return compiled
}

/** Instantiates the kernels over `memory`, which is shared. */
export function loadSharedKernels(memory: WebAssembly.Memory): SharedKernels {
  const instance = new WebAssembly.Instance(sharedKernelsModule(), { env: { memory } })
  return instance.exports as unknown as SharedKernels
}
