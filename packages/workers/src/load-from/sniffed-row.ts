/**
 * What `CALL sniff_csv` says of a file: one row, with the options that say the same to COPY and LOAD FROM,
 * and a statement that reads the file with them.
 */
import type { ExternalColumn } from '@millrace/core/query'
import { type Dialect, defaultDialect } from '../csv/index.js'
import type { FoundCsv } from './found-csv.js'

/** The columns of the row. */
export const sniffedColumns: readonly ExternalColumn[] = [
  { name: 'delimiter', type: 'STRING' },
  { name: 'quote', type: 'STRING' },
  { name: 'escape', type: 'STRING' },
  { name: 'comment', type: 'STRING' },
  { name: 'lineEnd', type: 'STRING' },
  { name: 'header', type: 'BOOL' },
  { name: 'columnCount', type: 'INT64' },
  { name: 'columns', type: 'STRING' },
  { name: 'sampledRows', type: 'INT64' },
  { name: 'sampledPlaces', type: 'INT64' },
  { name: 'options', type: 'STRING' },
  { name: 'prompt', type: 'STRING' },
]

/** The row's lanes, in that order: BOOL as 0 or 1, null where there is no such byte. */
export function sniffedRow({
  options,
  sniffed,
  columns,
  header: { shape },
}: FoundCsv): readonly (string | number | null)[] {
  const { dialect } = options
  const list = columns.map(({ name, type }) => `${shownName(name)} ${type}`).join(', ')
  const shown = optionsText(options)
  return [
    ...[dialect.delimiter, dialect.quote, dialect.escape, dialect.comment].map(byteText),
    sniffed.lineEnd,
    options.header ? 1 : 0,
    columns.length,
    list,
    sniffed.sampledRows,
    sniffed.sampledPlaces,
    shown,
    `LOAD WITH HEADERS (${list}) FROM ${quoted(shape.file)} (${shown}) RETURN *`,
  ]
}

function byteText(byte: number): string | null {
  return byte === -1 ? null : String.fromCharCode(byte)
}

function optionsText({ dialect, header, skip, decoding }: FoundCsv['options']): string {
  const said = [`HEADER=${header}`, `DELIM=${quoted(byteText(dialect.delimiter))}`, ...quoteOptions(dialect)]
  if (dialect.trim) said.push('TRIM=true')
  if (dialect.comment !== -1) said.push(`COMMENT=${quoted(byteText(dialect.comment))}`)
  if (skip > 0) said.push(`SKIP=${skip}`)
  said.push(...valueOptions(dialect))
  if (decoding !== null) said.push(`ENCODING=${quoted(decoding.encoding)}`)
  if (decoding?.replace === true) said.push("ENCODING_ERRORS='replace'")
  return said.join(', ')
}

function quoteOptions({ quote, escape: before }: Dialect): string[] {
  const said = [`QUOTE=${quoted(byteText(quote))}`]
  return quote === -1 ? said : [...said, `ESCAPE=${quoted(byteText(before))}`]
}

/** What is said of values beyond the usual. */
function valueOptions(dialect: Dialect): string[] {
  const { nullStrings, decimalSeparator, thousandsSeparator, dateFormat, timestampFormat } = dialect
  const nulls = nullStrings.map((text) => quoted(Buffer.from(text).toString()))
  const texts = [
    [
      'DECIMAL_SEPARATOR',
      decimalSeparator === defaultDialect.decimalSeparator ? '' : byteText(decimalSeparator),
    ],
    ['THOUSANDS_SEPARATOR', byteText(thousandsSeparator)],
    ['DATE_FORMAT', dateFormat],
    ['TIMESTAMP_FORMAT', timestampFormat],
    ['BLOB_FORMAT', dialect.blobFormat === defaultDialect.blobFormat ? '' : dialect.blobFormat],
  ] as const
  return [
    ...(nulls.length > 0 ? [`NULL_STRINGS=[${nulls.join(', ')}]`] : []),
    ...(dialect.quotedNulls ? ['QUOTED_NULLS=true'] : []),
    ...(dialect.emptyAsNull ? [] : ['EMPTY_AS_NULL=false']),
    ...(dialect.nullPadding ? ['NULL_PADDING=true'] : []),
    ...(dialect.nonFinite ? ['NON_FINITE=true'] : []),
    ...texts.flatMap(([name, text]) => (text === null || text === '' ? [] : [`${name}=${quoted(text)}`])),
  ]
}

const named: Readonly<Record<string, string>> = {
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\\': '\\\\',
  "'": "\\'",
}

/** A string as statements write it. */
function quoted(text: string | null): string {
  const escaped = (text ?? '').replace(
    /[\\'\p{Cc}]/gu,
    (character) => named[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  return `'${escaped}'`
}

/** A name as statements write it. */
function shownName(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : `\`${name.replaceAll('`', '``')}\``
}
