/**
 * `npm run fixtures:x64`: asks native ONNX Runtime (python3 with the package onnxruntime, on x86-64) and writes its answers to outputs.json. Only needed where cases.ts
 * changes; the tests read outputs.json.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bitsOf } from '../../../src/float32/bits.ts';
import { answer, digestOf, floatAnswer, type Recorded } from './answers.ts';
import { binaryCases, floatCases, type NativeCase } from './cases.ts';

/** The runtime's output of each case. */
function askNative(cases: readonly NativeCase[]): { readonly runtime: string; readonly outputs: readonly Float32Array[] } {
  const folder = mkdtempSync(join(tmpdir(), 'zkonnx-native-'));
  try {
    cases.forEach(({ file, feeds }, k) => {
      writeFileSync(join(folder, `${k}.onnx`), file);
      for (const [name, { data }] of Object.entries(feeds)) {
        const floats = data as Float32Array;
        writeFileSync(join(folder, `${k}.${name}.f32`), new Uint8Array(floats.buffer, floats.byteOffset, floats.byteLength));
      }
    });
    const inputs = cases.map(({ feeds }) => Object.entries(feeds).map(([name, { dims }]) => ({ name, dims })));
    writeFileSync(join(folder, 'inputs.json'), JSON.stringify(inputs));
    const script = fileURLToPath(new URL('run.py', import.meta.url));
    const runtime = execFileSync('python3', [script, folder], { encoding: 'utf8' }).trim();
    return { runtime, outputs: cases.map((_, k) => new Float32Array(new Uint8Array(readFileSync(join(folder, `${k}.out.f32`))).buffer)) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const [binaries, floats] = [binaryCases(), floatCases()];
const { runtime, outputs } = askNative([...binaries, ...floats]);
const different = (a: Float32Array, b: Float32Array) => a.filter((v, i) => !Object.is(v, b[i])).length;

const binary: Record<string, Recorded['binary'][string]> = {};
let [elements, wrong] = [0, 0];
for (const [k, given] of binaries.entries()) {
  const native = outputs[k]!;
  // Float32 noise decides too many products of some worlds for the other profile.
  const fused = await answer(given, 'ort-fused').catch(() => native);
  binary[given.name] = { sha256: digestOf(native), otherwise: different(native, fused) };
  wrong += different(native, await answer(given, 'ort-fused-x64'));
  elements += native.length;
}
console.log(`${runtime}: ${elements} outputs of fused Add and Mul, ${wrong} mismatches with ort-fused-x64`);

const recorded: Record<string, Recorded['floats'][string]> = {};
for (const [k, given] of floats.entries()) {
  const [native, mine] = [outputs[binaries.length + k]!, floatAnswer(given)];
  const differing = different(native, mine);
  const ulps = Math.max(...native.map((v, i) => Math.abs(bitsOf(v) - bitsOf(mine[i]!))));
  recorded[given.name] = differing === 0 ? { sha256: digestOf(native) } : { differing, of: native.length, ulps };
  console.log(`${given.name}: ${differing} of ${native.length} floats differ, by ${ulps} units of the last place at most`);
}
writeFileSync(
  new URL('outputs.json', import.meta.url),
  `${JSON.stringify({ runtime, binary, floats: recorded } satisfies Recorded, null, 2)}\n`,
);
process.exitCode = wrong === 0 ? 0 : 1;
