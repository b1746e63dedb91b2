/** Random numbers, permutations and distributions, all of them pure functions of a key and a row's number. */
export { AliasTable, normalQuantile, normalShare, Poisson, Zipf } from './distributions.js'
export { mix32, Permutation, permutationSizeMax } from './permutation.js'
export { RowStream } from './row-stream.js'
export { fillUniform, fillWords, type Key, streamKey, threefry, uniformAt } from './threefry.js'
