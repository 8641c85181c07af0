/** The same points with one thread and with several; aborts leave no thread. */
import { expect, test } from 'vitest';
import { generatorMultiples, makeTable } from '../../src/kernels/multiples.ts';
import { startKernelThreads } from '../../src/kernels/threads.ts';
import { randomStream } from '../support/small-r1cs.ts';

const sizes = { g1: 64, g2: 128 } as const;

async function multiples(
  group: 'g1' | 'g2',
  count: number,
  threadCount: number,
  onDone = (_done: number): void => {},
  signal?: AbortSignal,
) {
  const random = randomStream(7);
  const scalars = Uint8Array.from({ length: 32 * count }, (_, i) => (i % 32 === 31 ? random() * 0x30 : random() * 256));
  const threads = await startKernelThreads({ threads: threadCount, stage: 'test' });
  try {
    const table = await makeTable(threads, group, count, signal);
    const address = threads.alloc(scalars.length);
    new Uint8Array(threads.memory.buffer).set(scalars, address);
    const points = new Uint8Array(count * sizes[group]);
    await generatorMultiples(threads, group, table, address, points, { signal, onDone });
    return points;
  } finally {
    await threads.close();
  }
}

test.each([
  ['g1', 40_000],
  ['g2', 9_000],
  ['g1', 1],
] as const)('%s, %i points: threads give the same bytes as none', async (group, count) => {
  const seen: number[] = [];
  const [alone, together] = [await multiples(group, count, 1), await multiples(group, count, 2, (done) => seen.push(done))];
  expect(Buffer.compare(alone, together)).toBe(0);
  expect(seen.at(-1)).toBe(count);
  expect(seen).toEqual(seen.toSorted((a, b) => a - b));
});

test('an abort ends the threads', async () => {
  const threadPorts = (): number => process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length;
  const before = threadPorts();
  const controller = new AbortController();
  await expect(multiples('g1', 40_000, 2, () => controller.abort(), controller.signal)).rejects.toMatchObject({ code: 'ZK1006' });
  expect(threadPorts()).toBe(before);
  await expect(multiples('g2', 10, 1, () => {}, AbortSignal.abort())).rejects.toMatchObject({ code: 'ZK1006' });
});
