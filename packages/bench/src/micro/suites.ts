/** All micro-suites by name. Cases are made when a suite is asked for. */
import { decodeCases, encodeCases, hashCases } from './column-suites.js'
import { csrCases } from './csr-suite.js'
import { fieldCases, scanCases } from './csv-suites.js'
import type { KernelCase } from './suite.js'

export const suites: Readonly<Record<string, () => KernelCase[]>> = {
  scan: scanCases,
  fields: fieldCases,
  encode: encodeCases,
  decode: decodeCases,
  hash: hashCases,
  csr: csrCases,
}

export const suiteNames = Object.keys(suites)
