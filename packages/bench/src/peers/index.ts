/** Millrace beside other engines: which they are, how they are installed, runs in pairs. */
export type { Pairs, Ratios } from './pairs.js'
export type { PeerCaseRecord, PeersRecord } from './record.js'
