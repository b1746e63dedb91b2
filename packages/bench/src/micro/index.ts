/** Kernels under measurement: what a figure is, how figures are shown. */
export type { KernelFigure } from './suite.js'
export { suiteNames } from './suites.js'
