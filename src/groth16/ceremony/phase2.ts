/** The contributions of phase 2, from the transcript in a key: each proves knowledge of its secret and follows the one before. Reference: snarkjs 0.7.6 `zkey_verify_frominit.js`. */
import { bn254 } from '@noble/curves/bn254.js';
import type { RunOptions } from '../../events.ts';
import { makePace } from '../pace.ts';
import { type G1Point, Refused } from '../points.ts';
import { beaconSecret, maxBeaconIterationsLog } from './contribute.ts';
import { hashToG2 } from './iden3-random.ts';
import { firstFalse, g1FromFile, g2FromFile } from './point-forms.ts';
import { type Transcript, transcriptChain } from './transcript.ts';

/** More contributions than this are not judged: one takes some tens of milliseconds. */
const maxContributions = 10_000;

/**
 * δ₁ of the last contribution, as files have it.
 * @throws Refused naming the contribution and what is wrong with it; ZkonnxError ZK1006.
 */
export async function verifyPhaseTwo({ circuitHash, contributions }: Transcript, options: RunOptions): Promise<Uint8Array> {
  if (contributions.length === 0) throw new Refused('the key has no contribution: anyone can forge proofs for it');
  if (contributions.length > maxContributions)
    throw new Refused(`${contributions.length} contributions, at most ${maxContributions} are judged`);
  const tick = makePace('verify', contributions.length, 'contributions of phase 2', options);
  const chain = transcriptChain(circuitHash);
  let delta: G1Point = bn254.G1.Point.BASE;
  for (const [i, contribution] of contributions.entries()) {
    const what = `contribution ${i + 1}${contribution.name === null ? '' : ` (${JSON.stringify(contribution.name)})`}`;
    const demand = (holds: boolean, text: string): void => {
      if (!holds) throw new Refused(`${what}: ${text}`);
    };
    const { g1s, g1sx, transcript, beacon } = contribution;
    demand(
      Buffer.compare(chain.next(g1s, g1sx), transcript) === 0,
      'its transcript is not the hash of what came before: a contribution is missing, altered or out of order',
    );
    const [s, sx, after] = [g1s, g1sx, contribution.deltaAfter].map((bytes) => g1FromFile(bytes, what)) as [G1Point, G1Point, G1Point];
    const h = hashToG2(transcript);
    const hx = g2FromFile(contribution.g2spx, what);
    const wrong = firstFalse([
      { a: s, aTimes: sx, b: h, bTimes: hx, failure: 'its proof of knowledge does not hold' },
      { a: delta, aTimes: after, b: h, bTimes: hx, failure: 'its delta does not follow the one before' },
    ]);
    if (wrong !== null) throw new Refused(`${what}: ${wrong}`);
    if (beacon !== null) {
      demand(
        beacon.iterationsLog <= maxBeaconIterationsLog,
        `its beacon is iterated 2^${beacon.iterationsLog} times, more than 2^${maxBeaconIterationsLog}`,
      );
      const { delta: secret, g1 } = await beaconSecret(beacon, options);
      demand(g1.equals(s) && g1.multiply(secret).equals(sx), 'it is not what its beacon gives');
    }
    delta = after;
    chain.add(contribution);
    await tick(i + 1);
  }
  return contributions.at(-1)!.deltaAfter;
}
