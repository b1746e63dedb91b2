/** The kernels that work in a memory which threads share; a module of their own. */
export { addPage, probePairs } from './candidate-map'
export { addCodes, findCodes } from './code-map'
export { addPacked, countPacked, findPacked, sumPacked } from './packed-map'
