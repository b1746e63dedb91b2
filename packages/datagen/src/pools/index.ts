/** Pools of names and words: drawn from faker on the caller's thread, given to workers as bytes. */
export { PoolDrawer, type PoolSource } from './draw.js'
export { recipes } from './recipes.js'
