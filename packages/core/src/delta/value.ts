/**
 * A single value on its way into a table: what a statement writes, what the log carries whole.
 *
 * | type                            | value                                                      |
 * |---------------------------------|------------------------------------------------------------|
 * | INT64, INT32, DATE, TIMESTAMP   | bigint (days and microseconds as `types/logical-type.ts`)  |
 * | DOUBLE                          | number                                                     |
 * | BOOL                            | boolean                                                    |
 * | STRING                          | string, well-formed                                        |
 *
 * Every type may be null, a primary key excepted.
 */
export type Value = bigint | number | boolean | string | null
