/** Memory that grows while threads work: a thread must see what was allocated after it started. */
import { expect, test } from 'vitest';
import type { KernelTask } from '../../src/kernels/tasks.ts';
import { startKernelThreads } from '../../src/kernels/threads.ts';

test('tasks on memory that has just been allocated', async () => {
  const threads = await startKernelThreads({ threads: 2, stage: 'test' });
  const { sumBytes } = threads.local.kernel.g1;
  for (let i = 0; i < 400; i++) {
    // A page each time, whose end is used at once: sums of nothing.
    const out = threads.alloc(1 << 16) + (1 << 16) - 2 * sumBytes;
    const task = (at: number): KernelTask => ({ kind: 'sumPoints', group: 'g1', records: 0, scalars: 0, count: 0, out: at });
    new Uint8Array(threads.memory.buffer).fill(1, out, out + 2 * sumBytes);
    await threads.run([task(out), task(out + sumBytes)]);
    expect(new Uint8Array(threads.memory.buffer, out, 2 * sumBytes).every((byte) => byte === 0)).toBe(true);
  }
  await threads.close();
});
