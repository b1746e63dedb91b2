/** The charts of the figures, by the name of their file. */
import { barChart, lineChart } from '../charts/index.js'
import { megabytes, seconds } from '../report/index.js'
import { shapes } from '../workloads/index.js'
import type { Figures } from './figures.js'

const smallBytes = 400_000

/** A small file is about starting, not about throughput: it has its place in the tables. */
function isSmall({ inputBytes }: { readonly inputBytes: number }): boolean {
  return inputBytes < smallBytes
}

/** Millrace and every rival, in the order in which they first occur. */
function throughputChart(figures: Figures): string {
  const pairs = figures.pairs.filter((pair) => !isSmall(pair))
  const rivals = new Map(pairs.map(({ rival }) => [rival.name, rival.title]))
  // Copying bytes makes no rows.
  rivals.delete('disk')
  const cases = [...new Set(pairs.map((pair) => pair.name))]
  const groups = cases.map((name) => {
    const ofCase = pairs.filter((pair) => pair.name === name)
    const ours = ofCase.find((pair) => pair.rival.name !== 'disk') ?? ofCase[0]
    const theirs = [...rivals.keys()].map(
      (rival) => ofCase.find((pair) => pair.rival.name === rival)?.theirs.rowsPerSecond,
    )
    return {
      label: `${name} ${shapes[name].title.split(',')[0]}`,
      values: [ours?.ours.rowsPerSecond, ...theirs],
    }
  })
  return barChart({
    title: 'Durable imports, million rows per second (more is better)',
    series: ['Millrace', ...rivals.values()],
    groups,
    format: (value) => (value / 1e6).toFixed(2),
    stacked: false,
  })
}

function budgetName(memoryBudget: number | undefined): string {
  return memoryBudget === undefined ? 'default budget' : `memoryBudget ${memoryBudget / 1024 ** 2} MiB`
}

function memoryChart({ memory }: Figures): string {
  const budgets = [...new Set(memory.map((figure) => figure.memoryBudget))]
  return lineChart({
    title: 'Peak RSS of the whole process over the size of the input',
    lines: budgets.map((budget) => ({
      name: budgetName(budget),
      points: memory
        .filter((figure) => figure.memoryBudget === budget)
        .map((figure) => ({ x: figure.inputBytes, y: figure.peakRssBytesMax }))
        .sort((a, b) => a.x - b.x),
    })),
    formatX: megabytes,
    formatY: megabytes,
  })
}

/** Counters of work: waiting is none, and counts are no time. */
export function workCounters(figures: Figures): string[] {
  const counters = figures.imports.flatMap(({ medians }) => Object.keys(medians.timings))
  return [...new Set(counters)].filter((name) => name.endsWith('Ms') && !name.startsWith('wait'))
}

/** `readCsv` and every rival, in the order in which they first occur. */
function readChart({ reads }: Figures): string {
  const rivals = new Map(reads.map(({ rival }) => [rival.name, rival.title]))
  const rate = (rows: number, readMs: number) => rows / (readMs / 1000)
  const groups = [...new Set(reads.map(({ name }) => name))].map((name) => {
    const ofCase = reads.filter((figure) => figure.name === name)
    const theirs = [...rivals.keys()].map((rival) => {
      const figure = ofCase.find((one) => one.rival.name === rival)
      return figure && rate(figure.rows, figure.theirs.medians.readMs)
    })
    const ours = ofCase[0] && rate(ofCase[0].rows, ofCase[0].ours.medians.readMs)
    return { label: `${name} ${shapes[name].title.split(',')[0]}`, values: [ours, ...theirs] }
  })
  return barChart({
    title: 'CSV read without a database, million rows per second (more is better)',
    series: ['readCsv', ...rivals.values()],
    groups,
    format: (value) => (value / 1e6).toFixed(2),
    stacked: false,
  })
}

function readMemoryChart({ readSizes }: Figures): string {
  const points = readSizes.map(({ inputBytes, peakRssBytesMax }) => ({ x: inputBytes, y: peakRssBytesMax }))
  return lineChart({
    title: 'Peak RSS of a process with readCsv over the size of the input',
    lines: [{ name: 'readCsv', points }],
    formatX: megabytes,
    formatY: megabytes,
  })
}

function timeChart(figures: Figures): string {
  const counters = workCounters(figures)
  return barChart({
    title: 'Where the time goes: seconds of all threads together',
    series: counters.map((name) => name.replace(/Ms$/, '')),
    groups: figures.imports
      .filter((figure) => !isSmall(figure))
      .map(({ name, title, medians }) => ({
        label: `${name} ${title.split(',')[0]}`,
        values: counters.map((counter) => medians.timings[counter]),
      })),
    format: seconds,
    stacked: true,
  })
}

export function charts(figures: Figures): Record<string, string> {
  return {
    ...(figures.pairs.some(({ rival }) => rival.name !== 'disk')
      ? { 'throughput.svg': throughputChart(figures) }
      : {}),
    ...(figures.memory.length > 0 ? { 'memory.svg': memoryChart(figures) } : {}),
    ...(figures.reads.length > 0 ? { 'read.svg': readChart(figures) } : {}),
    ...(figures.reads.length > 0 && figures.readSizes.length > 0
      ? { 'read-memory.svg': readMemoryChart(figures) }
      : {}),
    ...(figures.imports.length > 0 ? { 'time.svg': timeChart(figures) } : {}),
  }
}
