/** Millrace beside other engines: which they are, how they are installed, runs in pairs. */
export { measurePairs, type Pairs, type Ratios } from './pairs.js'
export { peers } from './peers.js'
export type { PeersRecord } from './record.js'
