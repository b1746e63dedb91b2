/** One generation in a process of its own: nothing is warm, and the peak of memory is this run's alone. */
import { type FormatName, generate } from '@millrace/datagen'
import { processUsage } from '../usage/index.js'

export interface GenerateRequest {
  readonly action: 'generate'
  readonly schema: string
  readonly table: string
  readonly rows: number
  readonly seed: number
  readonly format: FormatName
  readonly output: string
}

export interface GenerateAnswer {
  readonly elapsedMs: number
  readonly rows: number
  readonly bytes: number
  readonly peakRssBytes: number
  readonly cpuMs: number
}

const { schema, table, rows, seed, format, output } = JSON.parse(process.argv[2] ?? '{}') as GenerateRequest
const startedMs = performance.now()
const data = await generate(schema, { seed, rows: { [table]: rows } })
const written = await data.write({ output, format, tables: [table] })
const elapsedMs = performance.now() - startedMs
const { peakRssBytes, cpuMs } = processUsage()
const answer: GenerateAnswer = { elapsedMs, rows: written.rows, bytes: written.bytes, peakRssBytes, cpuMs }
process.send?.(answer)
