/**
 * Times kernels with benny and states each figure beside its limit: a plain copy of the same bytes.
 *
 * Thread: the bench's own. Everything a case works on lies in one WebAssembly memory, made before the clock
 * starts.
 */
import { Arena, MemoryBudget } from '@millrace/core/internal'
import benny from 'benny'
import { terminalTable } from '../report/index.js'

/** One kernel on one input. */
export interface KernelCase {
  readonly name: string
  /** Bytes of input that one call goes through. */
  readonly bytes: number
  /** Values (fields, lanes, keys) that one call goes through. */
  readonly values: number
  run(): void
}

export interface KernelFigure {
  readonly suite: string
  readonly name: string
  readonly bytesPerSecond: number
  readonly valuesPerSecond: number
  /** Throughput as a part of that of a plain copy. */
  readonly ofCopy: number
  /** Relative margin of error, in percent, as benny gives it. */
  readonly marginPercent: number
}

/** Bytes of the largest memory a suite needs. */
const memoryBytesMax = 512 * 1024 * 1024

/** The longest that benny measures one case. */
const caseSecondsMax = 1

export function makeArena(): Arena {
  return new Arena(new MemoryBudget(memoryBytesMax), memoryBytesMax)
}

/** A case that copies `bytes` bytes from one place of a memory to another. */
function copyCase(bytes: number): KernelCase {
  const arena = makeArena()
  const from = arena.allocate(bytes)
  const to = arena.allocate(bytes)
  const memory = arena.bytes.fill(1)
  return {
    name: `copy of ${(bytes / 1e6).toFixed(1)} MB`,
    bytes,
    values: 0,
    run: () => {
      memory.copyWithin(to, from, from + bytes)
    },
  }
}

/** Times the cases, and a copy for every size of input among them. */
export async function timeSuite(suite: string, cases: readonly KernelCase[]): Promise<KernelFigure[]> {
  const copies = [...new Set(cases.map(({ bytes }) => bytes))].map(copyCase)
  const all = [...copies, ...cases]
  const summary = await benny.suite(
    suite,
    benny.configure({ cases: { minSamples: 5, maxTime: caseSecondsMax } }),
    ...all.map((one) => benny.add(one.name, () => one.run())),
  )
  const secondsOf = (name: string) => {
    const result = summary.results.find((one) => one.name === name)
    if (result === undefined || !(result.details.median > 0)) throw new Error(`${name} was not measured`)
    return { seconds: result.details.median, marginPercent: result.margin }
  }
  return cases.map((one) => {
    const { seconds, marginPercent } = secondsOf(one.name)
    const copySeconds = secondsOf(copyCaseName(one.bytes, copies)).seconds
    return {
      suite,
      name: one.name,
      bytesPerSecond: one.bytes / seconds,
      valuesPerSecond: one.values / seconds,
      ofCopy: copySeconds / seconds,
      marginPercent,
    }
  })
}

function copyCaseName(bytes: number, copies: readonly KernelCase[]): string {
  return copies.find((copy) => copy.bytes === bytes)?.name ?? ''
}

export function figuresTable(figures: readonly KernelFigure[]): string {
  const headings = ['suite', 'kernel', 'GB/s', 'M values/s', 'of a plain copy', '±']
  const table = terminalTable(headings, [0, 1])
  for (const figure of figures) {
    table.push([
      figure.suite,
      figure.name,
      (figure.bytesPerSecond / 1e9).toFixed(2),
      (figure.valuesPerSecond / 1e6).toFixed(0),
      `${(figure.ofCopy * 100).toFixed(1)} %`,
      `${figure.marginPercent.toFixed(1)} %`,
    ])
  }
  return table.toString()
}
