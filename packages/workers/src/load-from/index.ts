/**
 * LOAD FROM and CALL sniff_csv: CSV files as rows of a query, on the caller's thread, without workers.
 *
 * Everything is synchronous, as queries are: a file is looked at when its statement is bound, and read block
 * by block as rows are asked for. Packed files, other encodings than UTF-8 and pipes need COPY or `readCsv`.
 */
export { CsvSources } from './csv-sources.js'
