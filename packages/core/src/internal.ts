/** What the other packages of Millrace build on. Not for users: it may change with any release. */
export * from './column/column-buffer.js'
export * from './errors/index.js'
export * from './limits.js'
export * from './memory/index.js'
export * from './types/index.js'
