/** The part of docs/benchmarks.md, and that of the README, which are made from the figures. */
import { megabytes, millions, rowCount, seconds, times } from '../report/index.js'
import { machines, megabytesPerSecond } from './cells.js'
import { workCounters } from './draw.js'
import type { Figures } from './figures.js'
import { markdownTable } from './markdown.js'
import { budgetSection, cgroupSection, growthSection, memorySection, togetherSection } from './memory-page.js'
import { coldSection, diskSection, othersSection, scalingSection } from './pairs-page.js'
import { readSection } from './read-page.js'

function importsSection({ imports }: Figures): string {
  if (imports.length === 0) return ''
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

function timeSection(figures: Figures): string {
  const { imports } = figures
  if (imports.length === 0) return ''
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
  if (suites.length === 0) return ''
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

function generatedSection({ generated }: Figures): string {
  if (generated.length === 0) return ''
  const headings = [
    'output',
    'rows',
    'size',
    'time',
    'rows/s',
    'MB/s',
    'process',
    'processor time',
    'peak RSS',
  ]
  const rows = generated.map(
    ({ title, rows: count, bytes, elapsedMs, processMs, cpuMs, peakRssBytesMax }) => [
      title,
      rowCount(count),
      megabytes(bytes),
      seconds(elapsedMs),
      millions((count * 1000) / elapsedMs),
      megabytesPerSecond((bytes * 1000) / elapsedMs),
      seconds(processMs),
      seconds(cpuMs),
      megabytes(peakRssBytesMax),
    ],
  )
  const text = [
    '`millrace generate`: a table of ten columns (a counter, two foreign keys, one of them a UUID, names, a unique',
    'e-mail address made of them, money, a status, two moments, one of them after the other and sometimes NULL;',
    '[mixed.json](../packages/bench/workloads/mixed.json)), into nothing unless it says otherwise. The time begins with',
    'the schema that is read and includes the start of the workers. Medians; the most memory of all runs.',
  ].join('\n')
  return `### Synthetic data\n\n${text}\n\n${machines(generated)}\n\n${markdownTable(headings, rows)}`
}

/** In the order of the page; a section is empty when nothing of it was measured. */
const sections: readonly ((figures: Figures) => string)[] = [
  importsSection,
  othersSection,
  diskSection,
  readSection,
  timeSection,
  scalingSection,
  memorySection,
  budgetSection,
  cgroupSection,
  togetherSection,
  growthSection,
  generatedSection,
  coldSection,
  kernelsSection,
]

export function benchmarksPart(figures: Figures): string {
  const made = sections.map((section) => section(figures)).filter((text) => text !== '')
  return made.length > 0 ? made.join('\n\n') : 'Nothing has been measured yet.'
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
      if (pair === undefined) return '–'
      return `${times(pair.ratios.importTime)} (${times(pair.ratios.processTime)})`
    }),
  ])
  const table = markdownTable([...headings, ...rivals.map(({ title }) => `faster than ${title}`)], rows)
  const text =
    'Beside others: the ratio of the imports, and in brackets that of the whole processes, start to exit.'
  return `${table}\n\n${text}\n\n${machines(imports)}`
}
