/**
 * How many rows the builder takes, in how long and how much memory: 5 million constraints with 20 million non-zeros in the proportions of a convolutional network
 * (an accumulator of 27 taps, then boolean rows and sums of bits). `npm run bench:builder [rows]`.
 */
import { opcodes } from '../circuits/hints.ts';
import { CircuitBuilder } from '../src/r1cs/builder.ts';

const wantedRows = Number(process.argv[2] ?? 5_000_000);
const wantedPerRow = 4;

const start = performance.now();
const builder = new CircuitBuilder();
builder.publicWires(1);
const inputCount = 150_528;
const first = builder.inputWires(inputCount);
builder.layer('conv');
const bitCount = 16;
let element = 0;
while (builder.rowCount < wantedRows) {
  builder.element(element);
  builder.gadget('linear');
  // As many taps as bring the whole to the wanted density; unlike weights, in no order of wires.
  const taps = Math.max(1, wantedPerRow * (builder.rowCount + bitCount + 2) - builder.nonZeroCount - 4 * bitCount - 20);
  for (let k = 0; k < taps; k++) builder.a(first + ((element * 31 + k * 7) % inputCount), ((element * 40_503 + k * 9_973) % 255) - 127);
  builder.b(0, 1);
  const accumulator = builder.define();
  builder.gadget('range');
  builder.x(0, accumulator, 1);
  const bits = builder.hint(opcodes.bits, [], bitCount);
  for (let i = 0; i < bitCount; i++) {
    builder.a(bits + i, 1);
    builder.b(bits + i, 1);
    builder.b(0, -1);
    builder.constrain();
  }
  builder.a(accumulator, -1);
  for (let i = 0; i < bitCount; i++) builder.a(bits + i, 1 << i);
  builder.b(0, 1);
  builder.constrain();
  element++;
}
const nonZeros = builder.nonZeroCount;
const { r1cs } = builder.finish();
const seconds = (performance.now() - start) / 1000;
console.log(`rows          ${r1cs.rowCount.toLocaleString('en')}`);
console.log(`non-zeros     ${nonZeros.toLocaleString('en')}`);
console.log(`wires         ${r1cs.wireCount.toLocaleString('en')}`);
console.log(`coefficients  ${r1cs.pool.field.length.toLocaleString('en')} distinct`);
console.log(`seconds       ${seconds.toFixed(2)}`);
console.log(`peak memory   ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB`);
if (process.argv[2] === undefined && (seconds > 60 || process.resourceUsage().maxRSS > 4 * 1024 * 1024)) process.exitCode = 1;
