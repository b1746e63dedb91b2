/** Bounds on the memory that V8 does not count, and the stack allocator over WebAssembly memories. */
export { Arena } from './arena.js'
export { MemoryBudget } from './memory-budget.js'
