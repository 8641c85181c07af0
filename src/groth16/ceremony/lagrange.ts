/**
 * Lagrange bases from powers of tau: read where the file is prepared for phase 2, else made here by a transform over points, L_i = 1/n · Σ_j ω^{−ij} τ^j: one multiplication of a point per butterfly, minutes where a
 * prepared file takes seconds.
 */
import type { RunOptions } from '../../events.ts';
import { invert, scalarOrder } from '../../field/bn254.ts';
import { digitBytes, digitShapes, scalarDigits } from '../../kernels/multiply-points.ts';
import type { KernelTask } from '../../kernels/tasks.ts';
import type { KernelThreads } from '../../kernels/threads.ts';
import { rootOfUnity } from '../domain.ts';
import { lagrangeOffset, type PowerSection, type Ptau, pointBytesOf, ptauSections, readPoints } from './ptau.ts';
import { runTasks } from './run.ts';

/** Points or butterflies that one task computes. */
const taskPoints = 1 << 11;

/** The basis over the 2^log-th roots, as files have points; of the powers of τ in G1 also one larger than the file's power, with the last power zero. */
export async function lagrangePoints(
  threads: KernelThreads,
  ptau: Ptau,
  section: PowerSection,
  log: number,
  options: RunOptions,
): Promise<Uint8Array> {
  const count = 2 ** log;
  const size = pointBytesOf(section);
  const points = new Uint8Array(count * size);
  if (ptau.prepared) {
    await readPoints(ptau, section + lagrangeOffset, count - 1, points);
    return points;
  }
  const available = log > ptau.power ? count - 1 : count;
  await readPoints(ptau, section, 0, points.subarray(0, available * size));
  return transform(threads, section === ptauSections.tauG2 ? 'g2' : 'g1', points, log, options);
}

async function transform(
  threads: KernelThreads,
  group: 'g1' | 'g2',
  points: Uint8Array,
  log: number,
  options: RunOptions,
): Promise<Uint8Array> {
  const n = 2 ** log;
  const shape = digitShapes[group];
  const { fileBytes } = threads.local.kernel[group];
  const size = digitBytes(shape);
  const mark = threads.mark();
  const [data, twiddles, scale] = [threads.alloc(points.length), threads.alloc((n / 2) * size), threads.alloc(size)];
  const memory = threads.memory.buffer;
  new Uint8Array(memory).set(points, data);
  const inverseRoot = invert(rootOfUnity(log), scalarOrder);
  let power = 1n;
  for (let k = 0; k < n / 2; k++) {
    new Int8Array(memory).set(scalarDigits(power, shape), twiddles + k * size);
    power = (power * inverseRoot) % scalarOrder;
  }
  new Int8Array(memory).set(scalarDigits(invert(BigInt(n), scalarOrder), shape), scale);
  for (let half = n / 2; half >= 1; half /= 2) {
    const tasks: KernelTask[] = [];
    for (let first = 0; first < n / 2; first += taskPoints) {
      const range = { first, count: Math.min(taskPoints, n / 2 - first) };
      tasks.push({ kind: 'groupLayer', group, points: data, half, twiddles, step: n / (2 * half), ...range });
    }
    await runTasks(threads, tasks, 'set-up', `Lagrange basis, layer ${log - Math.log2(half)} of ${log}`, options);
  }
  const tasks: KernelTask[] = [];
  for (let first = 0; first < n; first += taskPoints) {
    const place = { points: data + first * fileBytes, out: data + first * fileBytes, count: Math.min(taskPoints, n - first) };
    tasks.push({ kind: 'multiplyPoints', group, digits: scale, stride: 0, ...place });
  }
  await runTasks(threads, tasks, 'set-up', 'Lagrange basis, scaled', options);
  const source = new Uint8Array(threads.memory.buffer);
  for (let i = 0; i < n; i++) {
    let reversed = 0;
    for (let bit = 0; bit < log; bit++) reversed |= ((i >> bit) & 1) << (log - 1 - bit);
    points.set(source.subarray(data + reversed * fileBytes, data + (reversed + 1) * fileBytes), i * fileBytes);
  }
  threads.release(mark);
  return points;
}
