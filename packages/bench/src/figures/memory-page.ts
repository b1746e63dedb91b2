/** The sections of docs/benchmarks.md about memory and growth. */
import { megabytes, millions, rowCount, seconds, times } from '../report/index.js'
import { budgetCell, machines, megabytesPerSecond } from './cells.js'
import type { Figures, MemoryFigure } from './figures.js'
import { markdownTable } from './markdown.js'

/** What the smallest and the largest input say about growth. */
function growthText(memory: readonly MemoryFigure[]): string {
  const budgets = [...new Set(memory.map(({ memoryBudget }) => memoryBudget))]
  const sentences = budgets.flatMap((budget) => {
    const figures = memory.filter(({ memoryBudget }) => memoryBudget === budget)
    const [first] = figures
    const last = figures.at(-1)
    if (first === undefined || last === undefined || first === last) return []
    const perByte = first.medians.bytesPerSecond / last.medians.bytesPerSecond
    const peaks = figures.map(({ peakRssBytesMax }) => peakRssBytesMax)
    const spread = Math.max(...peaks) - Math.min(...peaks)
    return [
      `- ${budget === undefined ? 'Default budget' : `Budget of ${budgetCell(budget)}`}: a byte of ` +
        `${megabytes(last.inputBytes)} takes ${times(perByte)} the time of a byte of ${megabytes(first.inputBytes)}; ` +
        `the peaks lie within ${megabytes(spread)} of each other.`,
    ]
  })
  return sentences.join('\n')
}

export function memorySection({ memory }: Figures): string {
  if (memory.length === 0) return ''
  const headings = ['budget', 'input', 'import', 'MB/s', 'ns/byte', 'peak RSS', 'most of all runs']
  const rows = memory.map(({ inputBytes, memoryBudget, medians, peakRssBytesMax }) => [
    budgetCell(memoryBudget),
    megabytes(inputBytes),
    seconds(medians.importMs),
    megabytesPerSecond(medians.bytesPerSecond),
    (1e9 / medians.bytesPerSecond).toFixed(2),
    megabytes(medians.peakRssBytes),
    megabytes(peakRssBytesMax),
  ])
  const chart = '![Peak RSS over the size of the input](images/memory.svg)'
  const text = growthText(memory)
  const parts = ['### Memory', chart, ...(text === '' ? [] : [text]), machines(memory)]
  return [...parts, markdownTable(headings, rows)].join('\n\n')
}

export function budgetSection({ budgets, imports }: Figures): string {
  if (budgets.length === 0) return ''
  const headings = [
    'case',
    'memoryBudget',
    'import',
    'default',
    'process',
    'peak RSS',
    'default',
    'written',
    'database',
  ]
  const rows = budgets.map(({ name, title, memoryBudget, medians }) => {
    const usual = imports.find((figure) => figure.name === name)?.medians
    return [
      `${name} ${title}`,
      budgetCell(memoryBudget),
      seconds(medians.importMs),
      usual === undefined ? '–' : seconds(usual.importMs),
      seconds(medians.processMs),
      megabytes(medians.peakRssBytes),
      megabytes(usual?.peakRssBytes),
      megabytes(medians.writtenBytes),
      megabytes(medians.databaseBytes),
    ]
  })
  const text = 'Every case with a small budget, beside the same with the default; every result checked.'
  return `### With a small budget\n\n${text}\n\n${machines(budgets)}\n\n${markdownTable(headings, rows)}`
}

export function cgroupSection({ cgroups }: Figures): string {
  if (cgroups.length === 0) return ''
  const headings = [
    'case',
    'input',
    'limit',
    'succeeded',
    'import',
    'process',
    'peak RSS',
    'peak of the group',
  ]
  const rows = cgroups.map(({ name, title, inputBytes, limitBytes, medians, ...figure }) => [
    `${name} ${title}`,
    megabytes(inputBytes),
    budgetCell(limitBytes),
    `${figure.successes} of ${figure.successes + figure.failures.length}`,
    medians === undefined ? '–' : seconds(medians.importMs),
    medians === undefined ? '–' : seconds(medians.processMs),
    megabytes(medians?.peakRssBytes),
    medians === undefined ? '–' : megabytes(figure.groupPeakBytesMax),
  ])
  const failures = cgroups.flatMap(({ name, limitBytes, failures }) =>
    [...new Set(failures)].map(
      (failure) => `- ${name} within ${budgetCell(limitBytes)}: ${failure.split('\n')[0]}`,
    ),
  )
  const text = [
    'The process runs in a memory cgroup without swap, with the default budget. The input is not',
    'in the page cache when it starts: what it reads and writes is charged to the group, page',
    'cache included, which the kernel gives back as it must. The peak of the group is therefore',
    'about its limit.',
  ].join('\n')
  const parts = ['### In a memory cgroup', text, machines(cgroups), markdownTable(headings, rows)]
  return [...parts, ...(failures.length > 0 ? [failures.join('\n')] : [])].join('\n\n')
}

export function togetherSection({ together }: Figures): string {
  if (together.length === 0) return ''
  const headings = ['cases', 'way', 'budget of each', 'elapsed', 'imports', 'peak RSS of each process']
  const rows = together.map(({ cases, way, memoryBudget, elapsedMs, importMs, peakRssBytesMax }) => [
    cases.join(' and '),
    way,
    budgetCell(memoryBudget),
    seconds(elapsedMs),
    importMs.map(seconds).join(', '),
    peakRssBytesMax.map(megabytes).join(', '),
  ])
  const text = [
    'Imports into two databases, each with a budget of its own: one process after the other, both',
    'at once in one process, and both at once in a process each. Every result checked. Peaks are',
    'the most of all runs.',
  ].join('\n')
  return `### Two imports at once\n\n${text}\n\n${machines(together)}\n\n${markdownTable(headings, rows, 2)}`
}

export function growthSection({ growth }: Figures): string {
  if (growth.length === 0) return ''
  const headings = ['case', 'rows', 'budget', 'input', 'import', 'rows/s', 'process', 'peak RSS', 'database']
  const rows = growth.map(({ name, title, memoryBudget, inputBytes, medians, ...figure }) => [
    `${name} ${title}`,
    rowCount(figure.rows),
    budgetCell(memoryBudget),
    megabytes(inputBytes),
    seconds(medians.importMs),
    millions(medians.rowsPerSecond),
    seconds(medians.processMs),
    megabytes(medians.peakRssBytes),
    megabytes(medians.databaseBytes),
    megabytes(medians.writtenBytes),
    megabytes(figure.spilledBytes),
    megabytes(figure.diskBytesMax),
  ])
  const text = [
    'Nodes with integer keys in random order, so that the key index is built, and relationships',
    'between them. **spilled** is what was written beyond what the database grew by: sorted runs',
    'and waiting relationships, which do not fit into the budget. One run, its result checked.',
  ].join('\n')
  const disk = ['written', 'spilled', 'most on the disk']
  const table = markdownTable([...headings, ...disk], rows)
  return `### Many nodes and relationships\n\n${text}\n\n${machines(growth)}\n\n${table}`
}
