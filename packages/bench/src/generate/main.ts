/**
 * `pnpm bench:generate`: a table of ten columns of mixed types (workloads/mixed.json), in each format, into
 * nothing and into a file; and ten gigabytes of it, for the memory. Prints a table and keeps the runs as
 * JSON.
 */
import { rmSync, statSync } from 'node:fs'
import { devNull } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BenchOptions, benchCommand, oneOf } from '../command-line.js'
import { runChild } from '../import/index.js'
import { beginBench, median, megabytes, millions, rowCount, seconds, terminalTable } from '../report/index.js'
import type { GenerateAnswer, GenerateRequest } from './child.js'
import {
  type GenerateCaseName,
  type GeneratePoint,
  type GenerateRecord,
  type GenerateRun,
  generateCaseNames,
} from './record.js'

const childPath = fileURLToPath(new URL('./child.js', import.meta.url))
const schema = fileURLToPath(new URL('../../workloads/mixed.json', import.meta.url))
const table = 'orders'

interface Case {
  readonly title: string
  readonly format: GenerateRequest['format']
  readonly rows: number
  readonly intoFile: boolean
}

const cases: Readonly<Record<GenerateCaseName, Case>> = {
  csv: { title: 'CSV', format: 'csv', rows: 5_000_000, intoFile: false },
  copy: { title: 'COPY', format: 'copy', rows: 5_000_000, intoFile: false },
  sql: { title: 'SQL', format: 'sql', rows: 5_000_000, intoFile: false },
  file: { title: 'CSV into a file', format: 'csv', rows: 5_000_000, intoFile: true },
  large: { title: 'CSV, ten gigabytes', format: 'csv', rows: 66_000_000, intoFile: false },
}

async function measure(
  name: GenerateCaseName,
  { scale, runs, seed, folder }: BenchOptions,
): Promise<GeneratePoint> {
  const { title, format, rows, intoFile } = cases[name]
  const output = intoFile ? join(folder, `generated-${process.pid}.csv`) : devNull
  const request: GenerateRequest = {
    action: 'generate',
    schema,
    table,
    rows: Math.max(1, Math.round(rows * scale)),
    seed,
    format,
    output,
  }
  const made: GenerateRun[] = []
  let bytes = 0
  for (let run = 0; run < (name === 'large' ? 1 : runs); run++) {
    const { answer, processMs } = await runChild(childPath, { ...request })
    const { rows: rowsWritten, bytes: bytesWritten, ...usage } = answer as GenerateAnswer
    if (rowsWritten !== request.rows) throw new Error(`${rowsWritten} of ${request.rows} rows were written`)
    if (intoFile) {
      const found = statSync(output).size
      rmSync(output)
      if (found !== bytesWritten) throw new Error(`the file has ${found} bytes, not ${bytesWritten}`)
    }
    bytes = bytesWritten
    made.push({ ...usage, processMs })
  }
  const middle = (pick: (run: GenerateRun) => number) => median(made.map(pick))
  return {
    name,
    title,
    rows: request.rows,
    bytes,
    runs: made,
    elapsedMs: middle((run) => run.elapsedMs),
    processMs: middle((run) => run.processMs),
    cpuMs: middle((run) => run.cpuMs),
    peakRssBytesMax: Math.max(...made.map((run) => run.peakRssBytes)),
  }
}

function generateTable(points: readonly GeneratePoint[]): string {
  const shown = terminalTable([
    'case',
    'rows',
    'output',
    'time',
    'rows/s',
    'MB/s',
    'process',
    'processor',
    'peak RSS',
  ])
  for (const { title, rows, bytes, elapsedMs, processMs, cpuMs, peakRssBytesMax } of points) {
    shown.push([
      title,
      rowCount(rows),
      megabytes(bytes),
      seconds(elapsedMs),
      millions((rows * 1000) / elapsedMs),
      (bytes / elapsedMs / 1000).toFixed(0),
      seconds(processMs),
      seconds(cpuMs),
      megabytes(peakRssBytesMax),
    ])
  }
  return shown.toString()
}

async function benchGenerate(names: readonly GenerateCaseName[], options: BenchOptions): Promise<void> {
  const { machine, startedAt, results } = beginBench('generate')
  const points: GeneratePoint[] = []
  const { scale, seed } = options
  for (const name of names) {
    points.push(await measure(name, options))
    results.save({
      startedAt,
      machine,
      options: { scale, seed, cold: false },
      points,
    } satisfies GenerateRecord)
  }
  console.log(generateTable(points))
  console.log(`Medians; the most memory of all runs. As JSON: ${results.path}`)
}

await benchCommand('bench:generate', 'Synthetic data: a table of ten columns of mixed types.', { runs: 3 })
  .argument('[case...]', `${generateCaseNames.join(', ')} (default: all)`, oneOf(generateCaseNames))
  .action((names: GenerateCaseName[], options: BenchOptions) =>
    benchGenerate(names.length === 0 ? generateCaseNames : names, options),
  )
  .parseAsync()
