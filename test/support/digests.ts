/**
 * `node test/support/digests.ts [--check]`: circuit digests of models in which every float function occurs, as JSON; or whether they are the recorded ones
 * (test/snapshots/digests.json). CI runs it on every Node of its matrix. The functions of Math whose bits differ between engines throw while it compiles.
 */
import { readFileSync } from 'node:fs';
import { compile } from '../../src/compile.ts';
import { profiles } from '../../src/graph/profile.ts';
import { digitsModel } from './digits.ts';
import { binaryCases } from './native/cases.ts';
import { model, type Quantization, qdq, value } from './onnx-builder.ts';
import { channels, unaryCases } from './unary-cases.ts';

export const recordedDigests = new URL('../snapshots/digests.json', import.meta.url);

/** All functions of one tensor in one model; their tables have all 256 integers. */
function functionsModel(): Uint8Array {
  const x: Quantization = { dtype: 'uint8', scale: 0.031, zeroPoint: 0 };
  const y: Quantization = { dtype: 'uint8', scale: 0.017, zeroPoint: 90 };
  const names = Object.keys(unaryCases);
  const branches = Object.values(unaryCases).map(({ parts }, k) => {
    const rename = (name: string) => (name === 'x_dq' ? name : `${name}_${k}`);
    return parts.map(({ nodes, initializers }) => ({
      nodes: nodes.map((made) => ({ ...made, name: rename(made.name!), input: made.input!.map(rename), output: made.output!.map(rename) })),
      initializers: initializers.map((constant) => ({ ...constant, name: rename(constant.name!) })),
    }));
  });
  return model({
    parts: [qdq('x', x), ...branches.flat(), ...names.map((_, k) => qdq(`y_${k}`, y))],
    inputs: [value('x', 'float32', [1, channels, 1])],
    outputs: names.map((_, k) => value(`y_${k}_dq`, 'float32', null)),
    opset: 24,
  });
}

const inexact = [
  'exp',
  'expm1',
  'log',
  'log1p',
  'log2',
  'log10',
  'pow',
  'sin',
  'cos',
  'tan',
  'sinh',
  'cosh',
  'tanh',
  'atan',
  'cbrt',
  'hypot',
] as const;

/** What `task` gives while the inexact functions of Math throw. */
export async function withoutInexactMath<T>(task: () => Promise<T>): Promise<T> {
  const kept = inexact.map((name) => [name, Math[name]] as const);
  for (const name of inexact) {
    Math[name] = () => {
      throw new Error(`Math.${name} was called`);
    };
  }
  try {
    return await task();
  } finally {
    for (const [name, f] of kept) Math[name] = f as () => number;
  }
}

/** Circuit digests by model and profile. */
export async function digests(): Promise<Record<string, string>> {
  const files: [string, Uint8Array][] = [
    ['digits', await digitsModel()],
    ['functions of one tensor', functionsModel()],
  ];
  for (const op of ['Add QDQ', 'Mul QDQ']) {
    for (const { name, file } of binaryCases().filter((given) => given.name.startsWith(`${op} [] [256]`))) files.push([name, file]);
  }
  return withoutInexactMath(async () => {
    const found: Record<string, string> = {};
    for (const [name, file] of files) {
      for (const profile of profiles) found[`${name}, ${profile}`] = (await compile(file, { profile })).digests.circuit;
    }
    return found;
  });
}

if (process.argv[1] === import.meta.filename) {
  const found = `${JSON.stringify(await digests(), null, 2)}\n`;
  if (!process.argv.includes('--check')) process.stdout.write(found);
  else if (found === readFileSync(recordedDigests, 'utf8')) process.stdout.write(`Node ${process.versions.node}: the recorded circuits\n`);
  else {
    process.stderr.write(`Node ${process.versions.node}: other circuits than ${recordedDigests.pathname}:\n${found}`);
    process.exitCode = 1;
  }
}
