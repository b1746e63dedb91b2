/**
 * The `millrace` command: one module per command (`query`, `import`, `shell`, `inspect`) beneath `program`;
 * `main` is the entry. Runs on the main thread; the database brings its own.
 */
export { processContext } from './context.js'
export { exitCodeOf, reportFailure } from './failure.js'
export { createProgram } from './program.js'
