/** Which of the peers this machine can load, once they are installed. */
import { installPeers, whyUnavailable } from './install.js'
import type { Peer } from './peers.js'

/** Why a rival is not measured. */
export interface Refusal {
  readonly rival: string
  readonly reason: string
}

/** Installs what is missing. `chosen`: names; undefined means all. */
export function availablePeers<Kind extends Peer>(
  peers: readonly Kind[],
  chosen: readonly string[] | undefined,
  onStep: (text: string) => void,
): { ready: Kind[]; unavailable: Refusal[] } {
  const wanted = peers.filter((peer) => chosen === undefined || chosen.includes(peer.name))
  if (wanted.some((peer) => peer.packages.length > 0)) installPeers(onStep)
  const ready: Kind[] = []
  const unavailable: Refusal[] = []
  for (const peer of wanted) {
    const reason = whyUnavailable(peer)
    if (reason === undefined) ready.push(peer)
    else unavailable.push({ rival: peer.title, reason })
  }
  return { ready, unavailable }
}
