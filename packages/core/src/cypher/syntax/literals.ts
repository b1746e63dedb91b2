/** What literal tokens mean: names without their backticks, strings without their escapes, numbers. */

const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  b: '\b',
  f: '\f',
  '0': '\0',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '`': '`',
}

/** The value of a quoted string. An unknown escape stands for itself, backslash included (`'C:\data'`). */
export function stringValue(image: string): string {
  const body = image.slice(1, -1)
  if (!body.includes('\\')) return body
  return body.replace(
    /\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([\s\S]))/g,
    (whole: string, short?: string, long?: string, other?: string) => {
      const code = Number.parseInt(short ?? long ?? '', 16)
      if (Number.isNaN(code)) return escapes[other ?? ''] ?? whole
      return code <= 0x10_ffff ? String.fromCodePoint(code) : whole
    },
  )
}

/** A name as meant: `` `a``b` `` is a`b. */
export function nameValue(image: string): string {
  return image.startsWith('`') && image.length > 1 ? image.slice(1, -1).replaceAll('``', '`') : image
}

/** A whole number: a JavaScript number while it is safe, else a bigint. */
export function integerValue(image: string): number | bigint {
  const value = Number(image)
  return Number.isSafeInteger(value) ? value : BigInt(image)
}
