/** What the repository's other packages build on. Not for users: it may change with any release. */
export * from './csv/index.js'
export { withGuessedType } from './errors/index.js'
export { openPipe, sniffHead } from './import/index.js'
export * from './limits.js'
