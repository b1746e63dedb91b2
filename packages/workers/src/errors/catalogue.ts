/**
 * Every error the ingestion engine can raise, besides the store's own: its code, its message, and what the
 * reader can do. `docs/errors.md` is generated from this table. A code never changes its meaning.
 *
 * `{place}` names file, line, row and column; `{problem}` is the sentence of the record's error, with its
 * value.
 */
export const workersCatalogue = {
  MILLRACE_CSV_TYPE: {
    message: '{place}: {problem}.',
    advice:
      'Correct the value, load the column as STRING, name such texts in nullStrings, or skip such rows with ignoreErrors.',
  },
  MILLRACE_CSV_NULL_KEY: {
    message: '{place}: {problem}.',
    advice: 'Give the row a value there, or skip such rows with ignoreErrors.',
  },
  MILLRACE_CSV_RAGGED: {
    message: '{place}: {problem}.',
    advice:
      'Check the delimiter and the quotes of this record, name every column of a file without a header, skip lines that stand before the header with skip, or such rows with ignoreErrors.',
  },
  MILLRACE_CSV_QUOTE: {
    message: '{place}: {problem}.',
    advice:
      'A quote inside a quoted value is written twice. Correct it, set quote or escape, or skip such rows with ignoreErrors.',
  },
  MILLRACE_CSV_UNCLOSED_QUOTE: {
    message: '{place}: {problem}.',
    advice: 'Close the quote, set quote to another character or none, or skip such rows with ignoreErrors.',
  },
  MILLRACE_CSV_ROW_TOO_LONG: {
    message: '{place}: {problem}.',
    advice: '{hint}, or skip such rows with ignoreErrors.',
  },
  MILLRACE_CSV_ENCODING: {
    message: '{place}: {problem}.',
    advice:
      'Set encoding to what the file is written in, such as windows-1252, or encodingErrors to replace, or skip such rows with ignoreErrors.',
  },
  MILLRACE_MISSING_NODE: {
    message: '{place}: {problem}.',
    advice: 'Load the nodes first, correct the key, or skip such rows with ignoreErrors.',
  },
  MILLRACE_CSV_HEADER: {
    message: '{place}: the header cannot be used: {problem}.',
    advice: 'Correct the header, or load without it: header false and a column list.',
  },
  MILLRACE_CSV_NO_RECORD: {
    message: '{place}: it has no record to count columns by: {problem}.',
    advice:
      'Name the columns (columns of a load, names of readCsv, LOAD WITH HEADERS), or set skip to fewer lines.',
  },
  MILLRACE_MISSING_COLUMN: {
    message: '{file} has no column {column}; {where} {found}.',
    advice:
      'Rename the column in the header, give the columns of the file in order with the option columns, name the ends of relationships with fromColumn and toColumn, set header to false where the first record is data, or check the delimiter.',
  },
  MILLRACE_IMPORT_SOURCE: {
    message: '{source} cannot be read: {problem}.',
    advice: '{hint}.',
  },
  MILLRACE_TEXT_ENCODING: {
    message: '{source} cannot be decoded: {problem}.',
    advice: "Set encoding to what the file is written in, or encodingErrors to 'replace'.",
  },
  MILLRACE_NOT_CSV: {
    message: '{source} cannot be loaded: it is {format}.',
    advice: '{hint}.',
  },
  MILLRACE_PATH_NOT_ALLOWED: {
    message: '{source} may not be loaded: it is not under a path that this database allows.',
    advice: 'Name a file under one of the allowedPaths that Database.open was given.',
  },
  MILLRACE_SOURCE_CHANGED: {
    message: '{source} has changed since it was first looked at: {problem}.',
    advice: 'Load a file that nothing writes to.',
  },
  MILLRACE_TOO_MANY_ERRORS: {
    message: '{count} records were refused, more than maxErrors ({maxErrors}) allows. The first: {first}',
    advice: 'Check delimiter, header and column types, or raise maxErrors.',
  },
  MILLRACE_LOAD_STOPPED: {
    message: 'The load of {table} has stopped; {rows} rows of it are kept, up to {place}. {problem}',
    advice: 'Load the same source again with resume: true (RESUME=true, --resume) to go on there.',
  },
  MILLRACE_UNFINISHED_LOAD: {
    message: 'The table {table} has an unfinished load of {source}, of which {rows} rows are there.',
    advice: 'Go on with it with resume: true, or give up the rest of it with resume: false.',
  },
  MILLRACE_RESUME_SOURCE: {
    message: 'The unfinished load of {table} cannot go on: {problem}.',
    advice:
      'Give the same sources and options as before, or give up the rest of that load with resume: false. Nothing was changed.',
  },
  MILLRACE_ALREADY_LOADED: {
    message: '{source} was loaded into {table} already: {problem}.',
    advice: 'Leave it out, or load it once more with resume: false. Nothing was changed.',
  },
  MILLRACE_UNPACKED_SIZE: {
    message: '{source} unpacks to more than {limit}.',
    advice: 'If the file is what it should be, raise {option}; nobody packs CSV like that by accident.',
  },
  MILLRACE_REJECTS_UNNAMED: {
    message: 'All of {table} is loaded, but {part} could not be renamed to {file}: {reason}.',
    advice: 'Rename it: it holds all refused records. The rows are there; do not load them again.',
  },
  MILLRACE_NOT_RUN: {
    message: 'The statement {statement} did not run: its result was neither awaited nor asked for rows.',
    advice: 'Write await db.run(…), or await db.query(…). (A warning of the process; it is not thrown.)',
  },
  MILLRACE_TRANSACTION: {
    message: '{what}.',
    advice: '{hint}',
  },
  MILLRACE_WORKER_FAILED: {
    message: 'A parse worker failed: {reason}.',
    advice: 'What was loaded is rolled back; run the import again.',
  },
  MILLRACE_WRITER_DIED: {
    message: 'The writer thread has ended: {reason}.',
    advice: 'Open the database again; what was committed is there.',
  },
} as const satisfies Record<string, { message: string; advice: string }>

export type WorkersErrorCode = keyof typeof workersCatalogue
