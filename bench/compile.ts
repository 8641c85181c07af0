/**
 * What compiling costs: time, peak memory and constraints of each model, each in a process of its own. `npm run bench:compile [-- FILE.onnx …]`; without files the digits example and
 * keyword-spotting networks (depthwise-separable, integers) of three widths, which show that time grows with the constraints. Exits 1 where the widest of them takes over 20 s or 2 GB.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compile } from '../src/compile.ts';
import { saveArtifact } from '../src/store/artifact.ts';
import { model, node, type Part, part, type TensorProto, tensor, value } from '../test/support/onnx-builder.ts';

const digits = fileURLToPath(new URL('../examples/digits/digits.onnx', import.meta.url));
const widths = [16, 32, 64];
const mostSeconds = 20;
const mostMegabytes = 2048;

function integers(name: string, dims: readonly number[], span: number): TensorProto {
  let state = dims.reduce((hash, d) => Math.imul(hash, 31) + d, 7);
  const next = () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((state / 2 ** 32) * (2 * span + 1)) - span;
  };
  return tensor(name, 'float32', dims, Array.from({ length: dims.reduce((a, b) => a * b, 1) }, next));
}

/** The shape of MLPerf Tiny's keyword spotting: 49×13 in, a convolution, four depthwise-separable blocks, a maximum over the plane, 12 classes. */
function keywordSpotting(width: number): Uint8Array {
  const parts: Part[] = [];
  const convolution = (
    x: string,
    y: string,
    kernel: readonly number[],
    attributes: Readonly<Record<string, readonly number[] | number>>,
    span: number,
  ) =>
    parts.push(
      part(
        node('Conv', [x, `${y}.w`], [`${y}.sums`], attributes),
        node('RequantShift', [`${y}.sums`, `${y}.mul`, `${y}.add`], [y], { div: 2 ** 16, n_levels: 256, signed: 0 }),
        [integers(`${y}.w`, kernel, span), tensor(`${y}.mul`, 'float32', [1], [514]), tensor(`${y}.add`, 'float32', [1], [0])],
      ),
    );
  convolution('x', 'y0', [width, 1, 10, 4], { strides: [2, 2] }, 20);
  for (let block = 0; block < 4; block++) {
    convolution(`y${2 * block}`, `y${2 * block + 1}`, [width, 1, 3, 3], { group: width, pads: [1, 1, 1, 1] }, 42);
    convolution(`y${2 * block + 1}`, `y${2 * block + 2}`, [width, width, 1, 1], {}, 15);
  }
  parts.push(
    part(
      node('MaxPool', ['y8'], ['pooled'], { kernel_shape: [20, 5] }),
      node('Flatten', ['pooled'], ['flat']),
      node('Gemm', ['flat', 'last.w'], ['y'], { transB: 1 }),
      [integers('last.w', [12, width], 15)],
    ),
  );
  return model({ parts, inputs: [value('x', 'float32', [1, 1, 49, 13])], outputs: [value('y', 'float32', null)] });
}

interface Figures {
  readonly constraints: number;
  readonly seconds: number;
  readonly megabytes: number;
}

/** In this process: from the file to the artifact folder. */
async function measure(file: string, folder: string): Promise<Figures> {
  const start = performance.now();
  const compiled = await compile(readFileSync(file));
  await saveArtifact(join(folder, 'artifact'), compiled);
  const seconds = (performance.now() - start) / 1000;
  return { constraints: compiled.circuit.r1cs.rowCount, seconds, megabytes: process.resourceUsage().maxRSS / 1024 };
}

function measureApart(file: string): Figures {
  const folder = mkdtempSync(join(tmpdir(), 'zkonnx-bench-'));
  try {
    const child = spawnSync(process.execPath, [fileURLToPath(import.meta.url), '--one', file, folder], { encoding: 'utf8' });
    if (child.status !== 0) throw new Error(child.stderr);
    return JSON.parse(child.stdout) as Figures;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function row(name: string, { constraints, seconds, megabytes }: Figures): void {
  const micros = (seconds * 1e6) / constraints;
  const cells = [constraints.toLocaleString('en'), seconds.toFixed(2), micros.toFixed(1), megabytes.toFixed(0)].map((cell, i) =>
    cell.padStart([14, 9, 16, 9][i]!),
  );
  console.log(name.padEnd(30) + cells.join(''));
}

const words = process.argv.slice(2);
if (words[0] === '--one') console.log(JSON.stringify(await measure(words[1]!, words[2]!)));
else {
  console.log(`${'model'.padEnd(30)}   constraints  seconds  µs a constraint  peak MB`);
  if (words.length > 0)
    for (const file of words)
      row(basename(file, '.onnx') === 'network' ? file.split('/').at(-2)! : file.split('/').slice(-2).join('/'), measureApart(file));
  else {
    row('examples/digits', measureApart(digits));
    const folder = mkdtempSync(join(tmpdir(), 'zkonnx-bench-'));
    try {
      for (const width of widths) {
        const file = join(folder, `${width}.onnx`);
        writeFileSync(file, keywordSpotting(width));
        const figures = measureApart(file);
        row(`keyword spotting, ${width} wide`, figures);
        if (figures.seconds > mostSeconds || figures.megabytes > mostMegabytes) process.exitCode = 1;
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}
