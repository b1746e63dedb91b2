/** Synthetic data: how fast a table of mixed types is made, in how much memory. */
export {
  type GenerateCaseName,
  type GeneratePoint,
  type GenerateRecord,
  generateCaseNames,
} from './record.js'
