/** The words that the workloads are made of, as bytes. Every list has a power of two of entries. */

function product(first: readonly string[], second: readonly string[]): Uint8Array[] {
  return first.flatMap((one) => second.map((two) => Buffer.from(`${one}${two}`)))
}

/** 256 short names. */
export const personNames: readonly Uint8Array[] = product(
  [
    'Ada',
    'Bo',
    'Cem',
    'Dana',
    'Eli',
    'Fay',
    'Gus',
    'Hana',
    'Ivo',
    'Jun',
    'Kim',
    'Lea',
    'Mo',
    'Nils',
    'Ona',
    'Pia',
  ],
  ['ka', 'ri', 'ton', 'vi', 'mer', 'los', 'den', 'sa', 'ju', 'ber', 'nor', 'ti', 'wel', 'go', 'ha', 'zu'],
)

export const relationshipKinds: readonly Uint8Array[] = [
  ...['knows', 'follows', 'works with', 'taught', 'reports to', 'met', 'married', 'hired'],
].map((kind) => Buffer.from(kind))

/** 64 lines of a note; they hold commas and doubled quotes, as they stand inside a quoted field. */
export const noteLines: readonly Uint8Array[] = product(
  [
    'Called on Monday, asked for the ""long"" report, and ',
    'Moved house, twice; the new address is ""by the mill"", and ',
    'Prefers letters, reads them slowly, answers ""in time"", and ',
    'Met at the fair: we spoke about water, grain, stone, and ',
    'Left a message, ""nothing urgent"", with the number, and ',
    'Ordered flour, bran, rye; paid at once, as always, and ',
    'Wrote: ""the wheel stands still"", sent a picture, and ',
    'Visited in spring, again in autumn, stayed long, and ',
  ],
  [
    'wants ',
    'owes us ',
    'still has ',
    'returned ',
    'counted ',
    'asked twice for ',
    'will send ',
    'knows of ',
  ],
)
