/**
 * `npm run fuzz:ort [-- --op NAME] [--elements N] [--seed N] [--circuit-every N] [--runs N]`: random quantized models through zkonnx and onnxruntime-web.
 * Prints cases, output elements and mismatches for each op; exits 1 where there are any, but for the ops whose formula the profile keeps beside a runtime that computes floats: those
 * may differ by one step. `--case SEED [--small] [--save FILE]` makes one case again.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { generators, withinOneStep } from './families.ts';
import { caseModel, type FuzzResult, fuzzOp, isWithin, replay } from './fuzz.ts';

const { values } = parseArgs({
  options: {
    op: { type: 'string' },
    elements: { type: 'string', default: '20000' },
    seed: { type: 'string' },
    runs: { type: 'string', default: '4' },
    'circuit-every': { type: 'string', default: '50' },
    case: { type: 'string' },
    small: { type: 'boolean', default: false },
    save: { type: 'string' },
  },
});

const number = (text: string | undefined, byDefault: number) => (text === undefined ? byDefault : Number(text));
const chosen = [...generators].filter(([name]) => values.op === undefined || name === values.op);
if (chosen.length === 0) {
  console.error(`no op "${values.op}"; there are: ${[...generators.keys()].join(' · ')}`);
  process.exit(2);
}

function line({ op, cases, elements, mismatches, largestDeviation, circuits, refused, reason, replays }: FuzzResult): string {
  const columns = [op.padEnd(32), cases, elements, mismatches, circuits, refused].map((cell) => String(cell).padStart(10));
  const deviation = mismatches > 0 ? `  up to ${Number(largestDeviation.toPrecision(3))} steps; ${replays.slice(0, 3).join(', ')}` : '';
  return columns.join(' ') + deviation + (refused > 0 ? `  refused: ${reason}` : '');
}

const runs = number(values.runs, 4);
if (values.case !== undefined) {
  const [[op, generate]] = chosen as [(typeof chosen)[number]];
  const seed = Number(values.case);
  if (values.save !== undefined) writeFileSync(values.save, caseModel(generate, seed, values.small));
  console.log(line(await replay(op, generate, seed, values.small, { runs })));
  process.exit(0);
}

const seed = number(values.seed, Math.floor(Math.random() * 2 ** 31));
console.log(`seed ${seed}`);
console.log(['op'.padEnd(32), 'cases', 'elements', 'mismatches', 'circuits', 'refused'].map((cell) => cell.padStart(10)).join(' '));
let failed = false;
for (const [op, generate] of chosen) {
  const options = { elements: number(values.elements, 20_000), seed, runs, circuitEvery: number(values['circuit-every'], 50) };
  const result = await fuzzOp(op, generate, options);
  failed ||= !isWithin(result, withinOneStep.has(op));
  console.log(line(result));
}
process.exit(failed ? 1 : 0);
