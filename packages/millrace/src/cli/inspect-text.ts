/** The report of `inspect` for people. */
import Table from 'cli-table3'
import {
  coloursFor,
  formatBytes,
  formatCount,
  formatRows,
  type MaybeTerminal,
  visible,
} from '../terminal/index.js'
import type {
  CheckReport,
  ColumnReport,
  InspectReport,
  TableReport,
  UnfinishedLoadReport,
} from './inspect-report.js'

/** `report` as lines for `stream`. */
export function inspectText(report: InspectReport, stream: MaybeTerminal): string {
  const { bold, dim } = coloursFor(stream)
  const lines = [
    bold(visible(report.file)),
    `${formatBytes(report.fileBytes)}: ${formatCount(report.pages)} pages of ${report.pageBytes} bytes, ` +
      `${formatCount(report.freePages)} of them free`,
    `checkpoint ${formatCount(report.checkpoint)}, catalog version ${formatCount(report.version)}` +
      (report.transactionsInLog > 0
        ? `, ${formatCount(report.transactionsInLog)} transactions in the log`
        : '') +
      (report.droppedLogBytes > 0
        ? `, ${formatCount(report.droppedLogBytes)} bytes of the log are no whole transaction`
        : ''),
  ]
  if (report.tables.length === 0) lines.push('', 'no tables')
  for (const table of report.tables) {
    lines.push(
      '',
      `${bold(visible(table.name))} ${dim(visible(tableFacts(table)))}`,
      ...unfinishedLines(table.unfinishedLoad),
      columnTable(table.columns, bold),
    )
  }
  if (report.check !== undefined) lines.push('', checkText(report.check))
  return `${lines.join('\n')}\n`
}

function unfinishedLines(load: UnfinishedLoadReport | undefined): string[] {
  if (load === undefined) return []
  const named = load.source === '' ? 'a stream' : load.source
  const others = load.sources.length > 1 ? ` (one of ${formatCount(load.sources.length)} sources)` : ''
  const skipped = load.skipped === 0 ? '' : `, ${formatCount(load.skipped)} skipped`
  const rejects = load.rejects === undefined ? '' : `, refused records in ${load.rejects}`
  const place = `line ${formatCount(load.line)}, row ${formatCount(load.row)}, byte ${formatCount(load.byteOffset)}`
  return [
    visible(
      `unfinished load of ${named}${others}: ${formatRows(load.rows)}${skipped} so far, goes on at ${place}${rejects}`,
    ),
  ]
}

function tableFacts(table: TableReport): string {
  const deleted = table.deleted === 0 ? '' : ` and ${formatCount(table.deleted)} deleted`
  const rows = `${formatRows(table.rows)}${deleted}`
  const shape =
    table.kind === 'node'
      ? `node, key ${table.key}, ${rows}, ${groups(table.groups, 'row group')}`
      : `rel, from ${table.from} to ${table.to}, ${rows}, ` +
        `${groups(table.groups, 'CSR group')} in ${groups(table.runs ?? 0, 'run')}`
  return `${shape}, ${formatBytes(table.bytes)}`
}

function groups(count: number, what: string): string {
  return `${formatCount(count)} ${what}${count === 1 ? '' : 's'}`
}

function columnTable(columns: readonly ColumnReport[], bold: (text: string) => string): string {
  const table = new Table({
    head: ['column', 'type', 'bytes', 'nulls', 'segments'].map(bold),
    colAligns: ['left', 'left', 'right', 'right', 'left'],
    style: { head: [], border: [], compact: true },
  })
  for (const { name, type, bytes, nulls, segments } of columns) {
    table.push([visible(name), type, formatBytes(bytes), formatCount(nulls), segmentsText(segments)])
  }
  return table.toString()
}

function segmentsText(segments: ColumnReport['segments']): string {
  return Object.entries(segments)
    .map(([encoding, count]) => `${formatCount(count)} ${encoding}`)
    .join(', ')
}

function checkText({ checkedPages, problems }: CheckReport): string {
  const found =
    problems.length === 0
      ? 'no problem found'
      : `${formatCount(problems.length)} ${problems.length === 1 ? 'problem' : 'problems'} found`
  return `checked ${formatCount(checkedPages)} pages: ${found}`
}
