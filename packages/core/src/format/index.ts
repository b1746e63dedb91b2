/** The bytes of the data file: pages, page runs, superblocks. */
export * from './page-run.js'
