/**
 * Schemas: reading them (JSON, YAML), checking them, and the model that everything else works with.
 *
 * A schema goes through three steps: its text becomes a value, the value's structure is checked against the
 * published JSON Schema, and shorthands are written out and names looked up. Whether data can fulfil what it
 * asks for is the planner's business.
 */
import { checkReferences } from './check-references.js'
import type { Schema } from './model.js'
import { normalise } from './normalise.js'
import { checkStructure } from './structure.js'

export { quoteIdentifier } from './custom-types.js'
export { microsPerDay, microsPerSecond, parseDuration, parseMoment, parseSpan } from './durations.js'
export { timePatterns } from './generator-options.js'
export { jsonSchema } from './json-schema.js'
export type * from './model.js'
export { indexColumn, sequenceOfDefault } from './names.js'
export { parseText } from './read-text.js'
export type { SqlType, TypeKind } from './sql-type.js'
export { parseSqlType } from './sql-type.js'
export { joinPath, nearest } from './structure.js'

/**
 * The model of a schema that was read.
 * @throws MillraceError `MILLRACE_DATAGEN_SCHEMA`, naming the path and what was expected
 */
export function resolveSchema(value: unknown): Schema {
  checkStructure(value)
  return checkReferences(normalise(value as Readonly<Record<string, unknown>>))
}
