/** For tests: data of a schema in a few lines of YAML. */
import { parseText } from '../schema/index.js'
import { type Generation, generate, type Row } from './index.js'

export async function made(yaml: string, options: Parameters<typeof generate>[1] = {}): Promise<Generation> {
  return await generate(parseText(yaml, 'test.yaml') as object, options)
}

export async function rowsOf<T = Row>(data: Generation, table: string): Promise<T[]> {
  const rows: Row[] = []
  for await (const batch of data.batches(table)) rows.push(...batch.rows())
  return rows as T[]
}
