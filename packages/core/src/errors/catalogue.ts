/**
 * Every error the store can raise: its code, its message, and what the reader can do about it.
 * `docs/errors.md` is generated from this table. A code never changes its meaning.
 *
 * `{name}` in a template is replaced by the detail of that name.
 */
export const catalogue = {
  MILLRACE_INTERNAL: {
    message: 'An internal invariant does not hold: {what}.',
    advice: 'This is a bug in Millrace. Please report it with the statement that led here.',
  },
  MILLRACE_MEMORY_BUDGET: {
    message: '{purpose} needs {needed} bytes, but only {available} of the budget of {budget} are left.',
    advice: 'Raise memoryBudget, or lower batchSize, blockSize or threads.',
  },
  MILLRACE_ARGUMENT: {
    message: '{what}: {value} is not valid; expected {expected}.',
    advice: 'Correct the argument.',
  },
  MILLRACE_LIMIT: {
    message: '{what} has {value}; the limit is {limit}.',
    advice: 'Divide it into smaller parts. Nothing was changed.',
  },
  // Statements
  MILLRACE_SYNTAX: {
    message: 'Syntax error at line {line}, column {column}: found {found}, expected {expected}.\n{excerpt}\n',
    advice: 'Correct the statement at the marked place.',
  },
  MILLRACE_BINDING: {
    message: '{what} at line {line}, column {column}.\n{excerpt}\n',
    advice: '{hint}',
  },
  MILLRACE_UNSUPPORTED: {
    message: '{what} is not supported.',
    advice: '{hint}',
  },
  MILLRACE_PARAMETER: {
    message: 'The parameter {name} {problem}.',
    advice: 'Pass it with the statement: db.query(text, { {name}: … }).',
  },
  MILLRACE_EVALUATION: {
    message: '{what}.',
    advice: '{hint}',
  },
  MILLRACE_INT64_RANGE: {
    message: 'Column {column}: the value {value} is beyond 2^53 and cannot be a JavaScript number exactly.',
    advice: "Pass { int64: 'bigint' } to receive INT64 values as bigint.",
  },
  // Catalog
  MILLRACE_TABLE_EXISTS: {
    message: 'The table {table} exists already.',
    advice: 'Drop it first, choose another name, or write CREATE … IF NOT EXISTS.',
  },
  MILLRACE_NO_TABLE: {
    message: 'There is no table {table}.',
    advice: 'The tables are: {tables}.',
  },
  MILLRACE_TABLE_IN_USE: {
    message: 'The table {table} cannot be dropped: the relationship table {by} joins it.',
    advice: 'Drop {by} first.',
  },
  MILLRACE_SCHEMA: {
    message: '{what}.',
    advice: '{hint}',
  },
  // Data
  MILLRACE_DUPLICATE_KEY: {
    message: '{place}: the key {value} of {table}.{column} is already there{first}.',
    advice:
      'Keys are unique: choose another, or remove one of the two. A load skips all but the first with ignoreErrors; MERGE finds the node that has the key.',
  },
  MILLRACE_NULL_KEY: {
    message: 'The primary key {table}.{column} of a node cannot be NULL.',
    advice: 'Give every node of {table} a value for {column}.',
  },
  MILLRACE_VALUE: {
    message: 'The value {value} does not fit {table}.{column} of type {type}.',
    advice: 'Give a value of that type, or convert it, for example with CAST.',
  },
  MILLRACE_NODE_IN_USE: {
    message: 'The node {key} of {table} cannot be deleted: it still has relationships of {by}.',
    advice: 'Delete them first, or write DETACH DELETE.',
  },
  MILLRACE_DELETED: {
    message: 'The {what} of {table} was deleted and cannot be used any more.',
    advice: 'Match it again after the statement that deleted it, or change the order of the clauses.',
  },
  // Files
  MILLRACE_IO: {
    message: '{operation} failed on {file}: {reason}.',
    advice: '{hint}',
  },
  MILLRACE_DISK_FULL: {
    message: 'No space left while writing {file}: {needed} bytes were needed, {available} are available.',
    advice:
      'Free space on the disk, or raise its quota, and run the statement again; what was there before is untouched.',
  },
  MILLRACE_NOT_A_DATABASE: {
    message: '{file} is not a Millrace database: {reason}.',
    advice: 'Check the path. Nothing was changed.',
  },
  MILLRACE_VERSION: {
    message: '{file} has format version {found}; this release reads version {expected}.',
    advice: 'Open it with a release that reads that version. Nothing was changed.',
  },
  MILLRACE_CORRUPT: {
    message: '{file} is damaged: {what}.',
    advice: 'Restore the file from a copy. `millrace inspect --check` lists all that is damaged.',
  },
  MILLRACE_LOCKED: {
    message: '{file} is locked by pid {pid} on {host} since {since}.',
    advice:
      'Close it there, or open it here with { readOnly: true }. ' +
      'If that host or container is gone for good, remove {lockFile}.',
  },
  MILLRACE_FOREIGN_LOG: {
    message: '{file} is the log of another database: {reason}.',
    advice:
      'Put the log back beside its database, or remove it when that database is gone for good. Nothing was changed.',
  },
  MILLRACE_SNAPSHOT_GONE: {
    message: '{file} was changed by its writer since it was opened read-only here: {what}.',
    advice: 'Open it again to see its newest state.',
  },
  MILLRACE_READ_ONLY: {
    message: '{what} is refused: {file} is open read-only.',
    advice: 'Open it without readOnly.',
  },
  MILLRACE_IN_DOUBT: {
    message: 'Syncing {file} failed ({reason}): whether the last commit is durable is in doubt.',
    advice: 'Close the database and open it again; the log then decides, all or nothing.',
  },
  MILLRACE_CLOSED: {
    message: 'The database {file} is closed.',
    advice: 'Open it again.',
  },
} as const satisfies Record<string, { message: string; advice: string }>

export type ErrorCode = keyof typeof catalogue
