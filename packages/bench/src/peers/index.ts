/** Millrace beside other engines: which they are, how they are installed, runs in pairs. */
export { availablePeers } from './available.js'
export { measurePairs, type Pairs, type Ratios } from './pairs.js'
export { type Peer, peers, peersFolder } from './peers.js'
export type { PeersRecord } from './record.js'
