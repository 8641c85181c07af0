/** The same points with one thread and with several; the cut of the work; aborts leave no thread. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fixedBaseMultiples, type MultiplesTask, pointBytes, splitTasks } from '../../src/kernels/multiples.ts';
import { randomStream } from '../support/small-r1cs.ts';

function makeTask(group: 'g1' | 'g2', count: number, seed: number): MultiplesTask {
  const random = randomStream(seed);
  const scalars = Uint8Array.from({ length: 32 * count }, (_, i) => (i % 32 === 31 ? random() * 0x30 : random() * 256));
  return { group, scalars, points: new Uint8Array(count * pointBytes[group]) };
}

const makeTasks = (): MultiplesTask[] => [
  makeTask('g1', 5_000, 1),
  makeTask('g2', 10_000, 2),
  makeTask('g1', 1, 3),
  makeTask('g1', 0, 4),
  makeTask('g1', 26_000, 5),
];

test('threads give the same bytes as none', async () => {
  const [alone, together] = [makeTasks(), makeTasks()];
  const seen: number[] = [];
  await fixedBaseMultiples(alone, { threads: 1, stage: 'test', onDone: () => {} });
  await fixedBaseMultiples(together, { threads: 2, stage: 'test', onDone: (done) => seen.push(done) });
  for (const [i, { points }] of together.entries()) expect(Buffer.compare(points, alone[i]!.points)).toBe(0);
  expect(seen.at(-1)).toBe(41_001);
  expect(seen).toEqual(seen.toSorted((a, b) => a - b));
});

test('an abort ends the threads', async () => {
  const threadPorts = (): number => process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length;
  const before = threadPorts();
  const controller = new AbortController();
  let during = 0;
  const onDone = (done: number): void => {
    if (done === 0) return;
    during = threadPorts();
    controller.abort();
  };
  const work = fixedBaseMultiples(makeTasks(), { threads: 2, stage: 'test', signal: controller.signal, onDone });
  await expect(work).rejects.toMatchObject({ code: 'ZK1006' });
  expect(during).toBeGreaterThan(before);
  expect(threadPorts()).toBe(before);
});

test.each([1, 2])('an abort while %i thread is still being set up is heard', async (threads) => {
  const controller = new AbortController();
  const work = fixedBaseMultiples(makeTasks(), { threads, stage: 'test', signal: controller.signal, onDone: () => {} });
  controller.abort();
  await expect(work).rejects.toMatchObject({ code: 'ZK1006' });
});

test('every point falls into exactly one run, in order, and the runs cost about the same', () => {
  const sizes = fc.array(fc.tuple(fc.constantFrom('g1' as const, 'g2' as const), fc.nat(300)), { maxLength: 8 });
  fc.assert(
    fc.property(sizes, fc.integer({ min: 1, max: 9 }), (shapes, parts) => {
      let number = 0;
      const tasks = shapes.map(([group, count]): MultiplesTask => {
        const scalars = new Uint8Array(32 * count);
        for (let i = 0; i < count; i++) new DataView(scalars.buffer).setUint32(32 * i, number++, true);
        return { group, scalars, points: new Uint8Array(count * pointBytes[group]) };
      });
      const runs = splitTasks(tasks, parts);
      const cost = (run: readonly MultiplesTask[]) =>
        run.reduce((sum, { group, scalars }) => sum + (group === 'g1' ? 1 : 3) * (scalars.length / 32), 0);
      const all = runs.flat();
      const numbers = all.flatMap(({ scalars }) =>
        Array.from({ length: scalars.length / 32 }, (_, i) => new DataView(scalars.buffer, scalars.byteOffset).getUint32(32 * i, true)),
      );
      expect(numbers).toEqual(Array.from({ length: number }, (_, i) => i));
      for (const { group, scalars, points } of all) expect(points.length).toBe((scalars.length / 32) * pointBytes[group]);
      expect(runs.length).toBeLessThanOrEqual(parts);
      // A run ends within one G2 point of its share; what is left over falls to the last.
      for (const run of runs) expect(cost(run)).toBeLessThanOrEqual(cost(all) / parts + 3 * parts);
    }),
  );
});
