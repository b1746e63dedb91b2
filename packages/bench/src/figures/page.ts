/** The part of docs/benchmarks.md, and that of the README, which are made from the figures. */
import { type Machine, machineLine, megabytes, millions, rowCount, seconds, times } from '../report/index.js'
import { workCounters } from './draw.js'
import type { Figures, PairFigure } from './figures.js'
import { markdownTable } from './markdown.js'

function megabytesPerSecond(bytesPerSecond: number): string {
  return (bytesPerSecond / 1e6).toFixed(0)
}

/** All machines that the figures stem from, one line each, with the days and commits. */
function machines(measured: readonly { readonly machine: Machine; readonly measuredAt: string }[]): string {
  const occasions = new Map<string, Set<string>>()
  for (const { machine, measuredAt } of measured) {
    const { commit, ...rest } = machine
    const line = machineLine(rest)
    const occasion = `${measuredAt.slice(0, 10)}${commit === undefined ? '' : ` at ${commit}`}`
    occasions.set(line, (occasions.get(line) ?? new Set()).add(occasion))
  }
  return [...occasions].map(([line, set]) => `${line} (${[...set].sort().join(', ')})`).join('  \n')
}

function importsSection({ imports }: Figures): string {
  const headings = ['case', 'rows', 'input', 'import', 'rows/s', 'MB/s', 'process', 'peak RSS', 'written']
  const rows = imports.map(({ name, title, medians, ...input }) => [
    `${name} ${title}`,
    rowCount(input.rows),
    megabytes(input.inputBytes),
    seconds(medians.importMs),
    millions(medians.rowsPerSecond),
    megabytesPerSecond(medians.bytesPerSecond),
    seconds(medians.processMs),
    megabytes(medians.peakRssBytes),
    megabytes(medians.writtenBytes),
    megabytes(medians.databaseBytes),
  ])
  return `### Imports\n\n${machines(imports)}\n\n${markdownTable([...headings, 'database'], rows)}`
}

function pairRow({ name, rival, ours, theirs, ratios }: PairFigure): string[] {
  return [
    name,
    rival.title,
    seconds(theirs.importMs),
    seconds(ours.importMs),
    `**${times(ratios.importTime)}** (${times(ratios.importTimeMin)}–${times(ratios.importTimeMax)})`,
    times(ratios.processTime),
    megabytes(theirs.peakRssBytes),
    megabytes(ours.peakRssBytes),
    megabytes(theirs.databaseBytes),
    megabytes(ours.databaseBytes),
  ]
}

function pairsSection({ pairs }: Figures): string {
  const headings = ['case', 'beside', 'import', 'Millrace', 'theirs / ours', 'of processes']
  const memory = ['peak RSS', 'Millrace', 'database', 'Millrace']
  const table = markdownTable([...headings, ...memory], pairs.map(pairRow), 2)
  const chart = '![Rows per second beside other engines](images/throughput.svg)'
  return `### Beside others\n\n${chart}\n\n${machines(pairs)}\n\n${table}`
}

function memorySection({ memory }: Figures): string {
  const headings = ['budget', 'input', 'import', 'MB/s', 'peak RSS', 'most of all runs']
  const rows = memory.map(({ inputBytes, memoryBudget, medians, peakRssBytesMax }) => [
    memoryBudget === undefined ? 'default' : `${memoryBudget / 1024 ** 2} MiB`,
    megabytes(inputBytes),
    seconds(medians.importMs),
    megabytesPerSecond(medians.bytesPerSecond),
    megabytes(medians.peakRssBytes),
    megabytes(peakRssBytesMax),
  ])
  const chart = '![Peak RSS over the size of the input](images/memory.svg)'
  return `### Memory\n\n${chart}\n\n${machines(memory)}\n\n${markdownTable(headings, rows)}`
}

function timeSection(figures: Figures): string {
  const { imports } = figures
  const others = [...new Set(imports.flatMap(({ medians }) => Object.keys(medians.timings)))]
  const counters = [...new Set([...workCounters(figures), ...others])]
  const headings = ['case', 'import', ...counters.map((counter) => counter.replace(/Ms$/, ''))]
  const rows = imports.map(({ name, medians }) => [
    name,
    seconds(medians.importMs),
    ...counters.map((counter) => {
      const value = medians.timings[counter]
      if (value === undefined) return '–'
      return counter.endsWith('Ms') ? seconds(value) : String(value)
    }),
  ])
  const chart = '![Where the time goes](images/time.svg)'
  return `### Where the time goes\n\n${chart}\n\n${markdownTable(headings, rows)}`
}

function kernelsSection({ suites }: Figures): string {
  const headings = ['suite', 'kernel', 'GB/s', 'M values/s', 'of a plain copy']
  const rows = suites.flatMap(({ kernels }) =>
    kernels.map((kernel) => [
      kernel.suite,
      kernel.name,
      (kernel.bytesPerSecond / 1e9).toFixed(2),
      (kernel.valuesPerSecond / 1e6).toFixed(0),
      `${(kernel.ofCopy * 100).toFixed(1)} %`,
    ]),
  )
  return `### Kernels\n\n${machines(suites)}\n\n${markdownTable(headings, rows, 2)}`
}

export function benchmarksPart(figures: Figures): string {
  const sections = [
    ...(figures.imports.length > 0 ? [importsSection(figures)] : []),
    ...(figures.pairs.length > 0 ? [pairsSection(figures)] : []),
    ...(figures.memory.length > 0 ? [memorySection(figures)] : []),
    ...(figures.imports.length > 0 ? [timeSection(figures)] : []),
    ...(figures.suites.length > 0 ? [kernelsSection(figures)] : []),
  ]
  return sections.length > 0 ? sections.join('\n\n') : 'Nothing has been measured yet.'
}

/** Rivals that the README names beside each case. */
const readmeRivals = ['kuzu', 'duckdb']

export function readmePart({ imports, pairs }: Figures): string {
  if (imports.length === 0) return 'Nothing has been measured yet.'
  const rivals = readmeRivals.flatMap((name) => pairs.find(({ rival }) => rival.name === name)?.rival ?? [])
  const headings = ['case', 'rows', 'input', 'import', 'rows/s', 'MB/s', 'peak RSS', 'database']
  const rows = imports.map(({ name, title, medians, ...input }) => [
    `${name} ${title}`,
    rowCount(input.rows),
    megabytes(input.inputBytes),
    seconds(medians.importMs),
    millions(medians.rowsPerSecond),
    megabytesPerSecond(medians.bytesPerSecond),
    megabytes(medians.peakRssBytes),
    megabytes(medians.databaseBytes),
    ...rivals.map((rival) => {
      const pair = pairs.find((one) => one.name === name && one.rival.name === rival.name)
      return pair === undefined ? '–' : times(pair.ratios.importTime)
    }),
  ])
  const table = markdownTable([...headings, ...rivals.map(({ title }) => `faster than ${title}`)], rows)
  return `${table}\n\n${machines(imports)}`
}
