/**
 * ONNX's node tests through zkonnx: `ZKONNX_NODE_TESTS=…/onnx/backend/test/data/node npm run test:onnx [-- FILTER] [--verbose]`.
 * Prints what passed, what is unsupported and why, what failed; exits 1 where something failed.
 */
import { readNodeTests } from './folder.ts';
import { judge } from './judge.ts';
import { printSummary, type Result } from './summary.ts';

const words = process.argv.slice(2);
const verbose = words.includes('--verbose');
const filter = words.find((word) => !word.startsWith('--')) ?? '';
const root = process.env.ZKONNX_NODE_TESTS;
if (root === undefined) {
  console.error(
    'ZKONNX_NODE_TESTS is not set: it is the path of a folder of test_*/model.onnx, such as onnx/backend/test/data/node of the ONNX package',
  );
  process.exit(2);
}
const results: Result[] = [];
for (const test of readNodeTests(root, filter)) {
  const verdict = 'why' in test ? ({ outcome: 'unsupported', why: test.why } as const) : await judge(test);
  results.push({ name: test.name, verdict });
  if (verbose) console.log(test.name, JSON.stringify(verdict));
}
console.log(printSummary(results));
process.exit(results.some(({ verdict }) => verdict.outcome === 'failed') || results.length === 0 ? 1 : 0);
