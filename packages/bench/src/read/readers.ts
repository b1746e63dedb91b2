/** Who reads: `readCsv`, and what it is measured beside, each one small module in `packages/bench/peers`. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Peer, peersFolder } from '../peers/index.js'

/** The module whose process reads with `readCsv`. */
export const ownModulePath = fileURLToPath(new URL('./child.js', import.meta.url))

function reader(name: string, title: string, packages: readonly string[]): Peer {
  const modulePath = join(peersFolder, `read-${name}.mjs`)
  return { name, title, packages, needsNodes: false, modulePath, engine: {} }
}

export const readers: readonly Peer[] = [
  reader('csv-parser', 'csv-parser', ['csv-parser']),
  reader('csv-parse', 'csv-parse', ['csv-parse']),
  reader('papaparse', 'PapaParse', ['papaparse']),
  reader('udsv', 'uDSV, typed', ['udsv']),
  reader('polars', 'Polars', ['nodejs-polars']),
]
