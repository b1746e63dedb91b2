/** The engines that Millrace is measured beside. Each is one small module in `packages/bench/peers`. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Contender } from '../import/index.js'

export const peersFolder = fileURLToPath(new URL('../../peers/', import.meta.url))

export interface Peer extends Contender {
  /** What must be installed for it. */
  readonly packages: readonly string[]
}

function peer(name: string, title: string, packages: readonly string[], needsNodes = false): Peer {
  return { name, title, packages, needsNodes, modulePath: join(peersFolder, `${name}.mjs`), engine: {} }
}

export const peers: readonly Peer[] = [
  peer('kuzu', 'Kùzu', ['kuzu'], true),
  peer('ladybug', 'LadybugDB', ['@ladybugdb/core'], true),
  peer('duckdb', 'DuckDB', ['@duckdb/node-api']),
  peer('polars', 'Polars to Parquet', ['nodejs-polars']),
  peer('sqlite', 'csv-parser into SQLite', ['better-sqlite3', 'csv-parser']),
  peer('disk', 'cp + sync', []),
]
