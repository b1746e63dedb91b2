/**
 * Every error the generator can raise: its code, its message, and what the reader can do. `docs/errors.md` is
 * generated from this table. A code never changes its meaning.
 */
export const datagenCatalogue = {
  MILLRACE_DATAGEN_SYNTAX: {
    message: '{file} cannot be read as {format}: {problem}.',
    advice: 'Correct the file; an editor finds such places with the published JSON Schema.',
  },
  MILLRACE_DATAGEN_SCHEMA: {
    message: '{path}: {problem}; expected {expected}.',
    advice: 'Correct the schema at that path.',
  },
  MILLRACE_DATAGEN_UNSATISFIABLE: {
    message: '{path}: {problem}.',
    advice: '{hint}',
  },
  MILLRACE_DATAGEN_SETTING: {
    message: '{source}: {name} is {value}; expected {expected}.',
    advice: 'Correct the setting.',
  },
  MILLRACE_DATAGEN_OUTPUT: {
    message: '{target} cannot be written: {problem}.',
    advice: '{hint}',
  },
  MILLRACE_DATAGEN_WORKER: {
    message: 'A worker that makes rows failed: {reason}.',
    advice: 'Nothing was kept; run the command again.',
  },
} as const satisfies Record<string, { message: string; advice: string }>

export type DatagenErrorCode = keyof typeof datagenCatalogue
