/** The vocabulary of types and schemas. Pure data: no room below this one. */
export * from './logical-type.js'
export * from './schema.js'
export * from './type-name.js'
