/** CREATE TABLE and DROP TABLE, whether they commit by themselves or belong to a transaction. */
import { type Catalog, findTable } from '@millrace/core/internal'
import type { Prepared } from '@millrace/core/query'
import type { CommitReply, CommitRequest, WriterClient } from '../threads/index.js'

/** A statement that makes or drops a table. */
export type TableStatement = Extract<Prepared, { kind: 'createNodeTable' | 'createRelTable' | 'dropTable' }>

/** True when nothing is to be done: IF NOT EXISTS, IF EXISTS. */
export function isNeedless(statement: TableStatement, catalog: Catalog): boolean {
  if (statement.kind === 'dropTable') {
    return statement.ifExists && findTable(catalog, statement.table) === undefined
  }
  return statement.ifNotExists && findTable(catalog, statement.schema.name) !== undefined
}

/** Has the writer do it. @throws MillraceError what the store throws: nothing has changed then */
export async function changeTables(
  statement: TableStatement,
  writer: WriterClient,
  request: CommitRequest,
): Promise<CommitReply> {
  return statement.kind === 'dropTable'
    ? await writer.call('dropTable', statement.table, request)
    : await writer.call('createTable', statement.schema, request)
}
