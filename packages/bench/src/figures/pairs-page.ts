/** The sections of docs/benchmarks.md that compare: with others, with the disk, with one thread. */
import { megabytes, seconds, times } from '../report/index.js'
import { machines, megabytesPerSecond, ratioCell } from './cells.js'
import type { Figures, PairFigure } from './figures.js'
import { markdownTable } from './markdown.js'

const pairHeadings = [
  ...['case', 'beside', 'import', 'Millrace', 'theirs / ours', 'process', 'Millrace', 'theirs / ours'],
  ...['peak RSS', 'Millrace', 'database', 'Millrace'],
]

function pairRow({ name, rival, ours, theirs, ratios }: PairFigure): string[] {
  return [
    name,
    rival.title,
    seconds(theirs.importMs),
    seconds(ours.importMs),
    ratioCell(ratios),
    seconds(theirs.processMs),
    seconds(ours.processMs),
    times(ratios.processTime),
    megabytes(theirs.peakRssBytes),
    megabytes(ours.peakRssBytes),
    megabytes(theirs.databaseBytes),
    megabytes(ours.databaseBytes),
  ]
}

const isDisk = ({ rival }: PairFigure) => rival.name === 'disk'

export function othersSection({ pairs }: Figures): string {
  const rivals = pairs.filter((pair) => !isDisk(pair))
  if (rivals.length === 0) return ''
  const chart = '![Rows per second beside other engines](images/throughput.svg)'
  const text = [
    '**import**: until the commit is durable. **process**: the whole process, from its start to',
    'its exit; for a small file that is what one waits for. Above 1×, Millrace is faster.',
  ].join('\n')
  const table = markdownTable(pairHeadings, rivals.map(pairRow), 2)
  return `### Beside others\n\n${chart}\n\n${text}\n\n${machines(rivals)}\n\n${table}`
}

/** Cases whose files are compared with DuckDB's. */
const sizeCases = ['N2', 'N3', 'E1']

export function diskSection({ pairs }: Figures): string {
  const copies = pairs.filter(isDisk)
  const sizes = pairs.filter(({ name, rival }) => rival.name === 'duckdb' && sizeCases.includes(name))
  const copyTable = markdownTable(
    ['case', 'input', 'cp + sync', 'Millrace', 'ours / theirs', 'process, ours / theirs'],
    copies.map(({ name, inputBytes, ours, theirs, ratios }) => [
      name,
      megabytes(inputBytes),
      seconds(theirs.importMs),
      seconds(ours.importMs),
      // The other way round: what an import takes, in copies.
      `**${times(1 / ratios.importTime)}** (${times(1 / ratios.importTimeMax)}–${times(1 / ratios.importTimeMin)})`,
      times(1 / ratios.processTime),
    ]),
  )
  const sizeTable = markdownTable(
    ['case', 'input', 'DuckDB', 'Millrace', 'ours / theirs', 'ours / input'],
    sizes.map(({ name, inputBytes, ours, theirs, ratios }) => [
      name,
      megabytes(inputBytes),
      megabytes(theirs.databaseBytes),
      megabytes(ours.databaseBytes),
      `**${times(1 / ratios.databaseBytes)}**`,
      times(ours.databaseBytes / inputBytes),
    ]),
  )
  const parts = [
    ...(copies.length > 0
      ? ['Importing a file beside copying it and syncing the copy, in pairs:', machines(copies), copyTable]
      : []),
    ...(sizes.length > 0
      ? [
          "The database's bytes beside DuckDB's; those of E1 hold both directions:",
          machines(sizes),
          sizeTable,
        ]
      : []),
  ]
  return parts.length > 0 ? ['### Beside the disk', ...parts].join('\n\n') : ''
}

export function scalingSection({ scaling }: Figures): string {
  if (scaling.length === 0) return ''
  const rows = scaling.map(({ name, title, by, count, one, several, ratios }) => [
    `${name} ${title}`,
    `1 and ${count} ${by}`,
    seconds(one.importMs),
    seconds(several.importMs),
    ratioCell(ratios),
    times(ratios.processTime),
    one.cpuMs === undefined ? '–' : seconds(one.cpuMs),
    several.cpuMs === undefined ? '–' : seconds(several.cpuMs),
    megabytes(one.peakRssBytes),
    megabytes(several.peakRssBytes),
  ])
  const headings = ['case', 'of', 'import, one', 'several', 'faster', 'of processes']
  const use = ['CPU, one', 'several', 'peak RSS, one', 'several']
  const text = [
    'In pairs. *Threads* are the parse threads of the option; the writer has one of its own',
    'beside them, on whatever core is free. *Cores* are the processors that the whole process may',
    'use. Starting is part of every time.',
  ].join('\n')
  const table = markdownTable([...headings, ...use], rows, 2)
  return `### Scaling\n\n${text}\n\n${machines(scaling)}\n\n${table}`
}

export function coldSection({ imports, coldImports, coldPairs }: Figures): string {
  if (coldImports.length === 0) return ''
  const rows = coldImports.map(({ name, title, inputBytes, medians }) => {
    const warm = imports.find((figure) => figure.name === name)
    return [
      `${name} ${title}`,
      megabytes(inputBytes),
      seconds(medians.importMs),
      warm === undefined ? '–' : seconds(warm.medians.importMs),
      seconds(medians.processMs),
      megabytesPerSecond(medians.bytesPerSecond),
      megabytes(medians.readBytes),
      megabytes(medians.peakRssBytes),
    ]
  })
  const headings = [
    'case',
    'input',
    'import',
    'in the page cache',
    'process',
    'MB/s',
    'from the disk',
    'peak RSS',
  ]
  const text =
    'The input was dropped from the page cache before each run; a run that found it there does not count.'
  const beside = markdownTable(pairHeadings, coldPairs.map(pairRow), 2)
  const parts = [
    '### With a cold page cache',
    text,
    machines([...coldImports, ...coldPairs]),
    markdownTable(headings, rows),
    ...(coldPairs.length > 0 ? [beside] : []),
  ]
  return parts.join('\n\n')
}
