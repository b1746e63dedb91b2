/** Which file each document of an output is written to. */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { datagenError } from '../errors/index.js'
import type { Document, DocumentOptions } from '../formats/index.js'

export interface PlaceOptions extends DocumentOptions {
  /** The name of the data, for a dump in a folder. */
  readonly name: string
  readonly gzip: boolean
}

/** Undefined when there is nothing at `path`. */
function isFolder(path: string): boolean | undefined {
  try {
    return statSync(path).isDirectory()
  } catch {
    return undefined
  }
}

/** A table's name as that of a file: what folders and shells take badly becomes `_`. */
function fileName(name: string): string {
  return name.replace(/[\p{Cc}/\\:*?"<>|]/gu, '_').replace(/^\.+/, '_')
}

/**
 * The path of each document: in the folder `output`, or the one file that it names.
 * @throws MillraceError `MILLRACE_DATAGEN_OUTPUT` when several documents would share a file
 */
export function placesOf(documents: readonly Document[], output: string, options: PlaceOptions): string[] {
  const { format, gzip, part, name } = options
  const found = isFolder(output)
  const isOther = found === false && statSync(output).isFile() === false
  const looksLikeFile = /\.(?:csv|tsv|sql|copy|txt|dump)(?:\.gz)?$/i.test(output)
  const inFolder = found ?? (/[/\\]$/.test(output) || (format === 'csv' && !looksLikeFile))
  if (!inFolder || isOther) {
    if (documents.length > 1 && !isOther) {
      const problem = `there are ${documents.length} tables, and a CSV file holds one`
      throw datagenError('MILLRACE_DATAGEN_OUTPUT', {
        target: output,
        problem,
        hint: 'Name a folder, or choose a table with --table.',
      })
    }
    return documents.map(() => output)
  }
  const width = String(part?.count ?? 0).length
  const partName = part === undefined ? '' : `.${String(part.index).padStart(width, '0')}-of-${part.count}`
  const ending = `${partName}.${format === 'csv' ? 'csv' : 'sql'}${gzip ? '.gz' : ''}`
  const paths = documents.map(({ table }) => join(output, `${fileName(table?.name ?? name)}${ending}`))
  const twice = paths.find(
    (path, at) => paths.findIndex((other) => other.toLowerCase() === path.toLowerCase()) !== at,
  )
  if (twice === undefined) return paths
  const problem = 'two tables would be written to it'
  throw datagenError('MILLRACE_DATAGEN_OUTPUT', {
    target: twice,
    problem,
    hint: 'Rename one of the tables, or write them one by one with --table.',
  })
}
