/** ONNX's node tests, where they are: in the folder that ZKONNX_NODE_TESTS names, or in the team's shared models. `npm run test:onnx` prints the figures. */
import { expect, test } from 'vitest';
import { sharedPath } from '../support/shared.ts';
import { readNodeTests } from './folder.ts';
import { judge } from './judge.ts';
import type { Result } from './summary.ts';

const root = process.env.ZKONNX_NODE_TESTS ?? sharedPath('models/onnx-node-tests');

test.skipIf(root === null)(
  'no ONNX node test fails (ZKONNX_NODE_TESTS or the shared models; skipped where neither is)',
  { timeout: 300_000 },
  async () => {
    const results: Result[] = [];
    for (const found of readNodeTests(root!)) {
      results.push({ name: found.name, verdict: 'why' in found ? { outcome: 'unsupported', why: found.why } : await judge(found) });
    }
    expect(results.filter(({ verdict }) => verdict.outcome === 'failed')).toEqual([]);
    // A runner that supported nothing would fail nothing.
    expect(results.filter(({ verdict }) => verdict.outcome === 'passed').length).toBeGreaterThan(results.length / 4);
  },
);
