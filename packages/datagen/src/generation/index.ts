/** Generations: schemas made ready; their rows as values, as bytes, in files. */
export { Batch, type Row, type Value } from './batch.js'
export {
  type FormatOptions,
  type GenerateOptions,
  Generation,
  generate,
  type OutputOptions,
  type OutputResult,
  type ProjectionReader,
} from './generation.js'
export { loadSchema, schemaText, type Template, templates, templateText } from './load-schema.js'
