/**
 * LOAD FROM and CALL sniff_csv: CSV files as rows of a query, on the caller's thread, without workers.
 *
 * A file is looked at when its statement is bound, at once; it is read block by block as rows are asked for.
 * Where bytes have to be waited for, as while a file is unpacked, the query waits (`awaited.ts`). Pipes need
 * COPY or `readCsv`: what is looked at of them is gone.
 */
export { CsvSources } from './csv-sources.js'
