/**
 * The identity of a node or relationship as one number: its table and its offset (node) or position
 * (relationship) there.
 *
 * | bits    | holds                        |
 * |---------|------------------------------|
 * | 0 … 36  | offset or position, < 2^37   |
 * | 37 … 52 | table id, < 2^16             |
 */
const offsetRange = 2 ** 37

/** The number that is added to offsets of a table to make identities. */
export function identityBase(tableId: number): number {
  return tableId * offsetRange
}

export function tableOfIdentity(identity: number): number {
  return Math.floor(identity / offsetRange)
}

export function offsetOfIdentity(identity: number): number {
  return identity % offsetRange
}
