/** The circuit hash where snarkjs hashes one difference too many: 2^15 rows with a file of exactly that many powers, whose last difference is computed from bytes that are no point. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { mlProfile } from '../../bench/ml-profile.ts';
import { writePowers } from '../../bench/powers.ts';
import { initialKey } from '../../src/groth16/ceremony/initial-key.ts';
import { withPtau } from '../../src/groth16/ceremony/ptau.ts';
import { startKernelThreads } from '../../src/kernels/threads.ts';

test('2^15 rows: the hash that snarkjs 0.7.6 gave for the same circuit and powers', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'zkonnx-hash-'));
  const threads = await startKernelThreads({ threads: 2, stage: 'test' });
  try {
    const path = join(folder, 'powers.ptau');
    await writePowers(path, 15, 2);
    const { sections } = await withPtau({ path }, (ptau) => initialKey(threads, mlProfile(15), ptau, {}));
    expect(Buffer.from(sections.get(10)!.subarray(0, 64)).toString('hex')).toBe(
      '668a1cb4622f90fa8aab2b7b67630b9e65212f2a19e141ea8a38f87a73d7fd0c' +
        '9f94a64b15eb4280e34446b56bf947b4d8671f2b485742623a16d72cd1d359e1',
    );
  } finally {
    await threads.close();
    rmSync(folder, { recursive: true });
  }
}, 300_000);
