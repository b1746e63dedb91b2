/** The kernels that work in a memory which threads share; a module of their own. */
export { addPage, probePairs } from './key-map'
