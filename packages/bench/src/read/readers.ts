/** Who reads: `readCsv`, and what it is measured beside, each one small module in `packages/bench/peers`. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Peer, peersFolder } from '../peers/index.js'

/** What is needed to run one. */
export interface Reader {
  readonly modulePath: string
  readonly reuse: boolean
}

/** `readCsv` as it is by default. */
export const readCsvReader: Reader = {
  modulePath: fileURLToPath(new URL('./child.js', import.meta.url)),
  reuse: false,
}

function reader(name: string, title: string, packages: readonly string[]): Peer & Reader {
  const modulePath = join(peersFolder, `read-${name}.mjs`)
  return { name, title, packages, needsNodes: false, modulePath, reuse: false, engine: {} }
}

export const readers: readonly (Peer & Reader)[] = [
  reader('csv-parser', 'csv-parser', ['csv-parser']),
  reader('csv-parse', 'csv-parse', ['csv-parse']),
  reader('papaparse', 'PapaParse', ['papaparse']),
  reader('udsv', 'uDSV, typed', ['udsv']),
  reader('polars', 'Polars', ['nodejs-polars']),
  { ...reader('reuse', 'readCsv, `reuse`', []), ...readCsvReader, reuse: true },
]
