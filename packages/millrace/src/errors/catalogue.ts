/**
 * The errors that only the front door can raise; the engine's and the store's have catalogues of their own.
 * A code never changes its meaning.
 */
export const catalogue = {
  MILLRACE_USAGE: {
    message: '{problem}.',
    advice: '{hint}',
  },
  MILLRACE_INTERRUPTED: {
    message: 'Interrupted by {signal}: {outcome}.',
    advice: '',
  },
} as const satisfies Record<string, { message: string; advice: string }>

export type FrontDoorErrorCode = keyof typeof catalogue
