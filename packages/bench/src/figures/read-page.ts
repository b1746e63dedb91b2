/** The figures of reading CSV alone: a section of docs/benchmarks.md, and the table of docs/reading.md. */
import { megabytes, millions, seconds, times } from '../report/index.js'
import { machines, megabytesPerSecond } from './cells.js'
import type { Figures, ReadFigure } from './figures.js'
import { markdownTable } from './markdown.js'

const headings = [
  ...['case', 'beside', 'read', 'readCsv', 'theirs / ours', 'process', 'readCsv', 'theirs / ours'],
  ...['CPU', 'readCsv', 'peak RSS', 'readCsv'],
]

function pairRow({ name, rival, ours, theirs, ratios }: ReadFigure): string[] {
  return [
    name,
    rival.title,
    seconds(theirs.medians.readMs),
    seconds(ours.medians.readMs),
    `**${times(ratios.readTime)}** (${times(ratios.readTimeMin)}–${times(ratios.readTimeMax)})`,
    seconds(theirs.medians.processMs),
    seconds(ours.medians.processMs),
    times(ratios.processTime),
    seconds(theirs.medians.cpuMs),
    seconds(ours.medians.cpuMs),
    megabytes(theirs.medians.peakRssBytes),
    megabytes(ours.medians.peakRssBytes),
  ]
}

function sizesPart({ readSizes }: Figures): string[] {
  if (readSizes.length === 0) return []
  const rows = readSizes.map(({ rows, inputBytes, medians, peakRssBytesMax }) => [
    megabytes(inputBytes),
    millions(rows),
    seconds(medians.readMs),
    megabytesPerSecond((inputBytes / medians.readMs) * 1000),
    megabytes(medians.peakRssBytes),
    megabytes(peakRssBytesMax),
  ])
  const sizeHeadings = ['input', 'rows', 'read', 'MB/s', 'peak RSS', 'most of all runs']
  return [
    'Memory over the size of the input, in the shape of N3:',
    '![Peak RSS of readCsv over the size of the input](images/read-memory.svg)',
    machines(readSizes),
    markdownTable(sizeHeadings, rows),
  ]
}

export function readSection(figures: Figures): string {
  const { reads } = figures
  if (reads.length === 0) return ''
  const parts = [
    '### Reading without a database',
    '![Rows per second beside other parsers](images/read.svg)',
    machines(reads),
    markdownTable(headings, reads.map(pairRow), 2),
    ...sizesPart(figures),
  ]
  return parts.join('\n\n')
}

/** How fast, and beside what, for those who read about `readCsv`. */
export function readingPart({ reads, readSizes }: Figures): string {
  if (reads.length === 0) return 'Nothing has been measured yet.'
  const cases = [...new Set(reads.map(({ name }) => name))]
  const rivals = new Map(reads.map(({ rival }) => [rival.name, rival.title]))
  const rows = cases.flatMap((name) => {
    const ofCase = reads.filter((figure) => figure.name === name)
    const [first] = ofCase
    if (first === undefined) return []
    const { inputBytes, ours, title } = first
    const ratios = [...rivals.keys()].map((rival) => {
      const figure = ofCase.find((one) => one.rival.name === rival)
      return figure === undefined
        ? '–'
        : `${times(figure.ratios.readTime)} (${times(figure.ratios.processTime)})`
    })
    return [
      [
        `${name} ${title}`,
        megabytes(inputBytes),
        seconds(ours.medians.readMs),
        millions(first.rows / (ours.medians.readMs / 1000)),
        megabytes(ours.medians.peakRssBytes),
        ...ratios,
      ],
    ]
  })
  const columns = ['case', 'input', 'read', 'rows/s', 'peak RSS']
  const beside = [...rivals.values()].map((title) => `faster than ${title}`)
  const text =
    'The ratio of the times of reading, and in brackets that of the whole processes, start to exit.'
  const peaks = readSizes.map(({ peakRssBytesMax }) => peakRssBytesMax)
  const sizes = readSizes.map(({ inputBytes }) => inputBytes)
  const memory =
    readSizes.length < 2
      ? []
      : [
          `From ${megabytes(Math.min(...sizes))} to ${megabytes(Math.max(...sizes))} of input, the peaks lie ` +
            `between ${megabytes(Math.min(...peaks))} and ${megabytes(Math.max(...peaks))}.`,
        ]
  return [markdownTable([...columns, ...beside], rows), text, ...memory, machines(reads)].join('\n\n')
}
