/**
 * Synthetic relational data from a schema: deterministic, parallel, in bounded memory.
 *
 * ```ts
 * import { generate } from '@millrace/datagen'
 * const data = await generate('shop.yaml', { seed: 7, scale: 10 })
 * await data.write({ output: 'shop/', format: 'csv' })
 * ```
 */
export { type DatagenErrorCode, datagenCatalogue } from './errors/index.js'
export type { FormatName } from './formats/index.js'
export * from './generation/index.js'
export * from './limits.js'
export type { WriteProgress } from './output/index.js'
export { generatorNames, type ProjectedColumn, type Projection } from './plan/index.js'
export type { Column, ForeignKey, Schema, SqlType, Table, TypeKind } from './schema/index.js'
export { jsonSchema } from './schema/index.js'
export { type FoundSettings, readSettings, type Settings, settingsFileName } from './settings/index.js'
