/**
 * What `zkonnx check` estimates beside what then happens: `npm run bench:estimate [NAME=MODEL.onnx …]`, by default the digits of the repository. For each model: check, compile, set-up and one proof by the command line,
 * each in a process of its own; times of the stages "set-up" and "proof", peak memory of the process that proves. Input is what the model takes, at random.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCli } from '../src/cli/cli.ts';
import { writeNpz } from '../src/tensor/npz.ts';
import type { Tensor } from '../src/tensor/tensor.ts';

interface Run {
  readonly code: number;
  readonly result: Record<string, unknown>;
  /** Milliseconds by stage, and those that the processor was busy. */
  readonly stages: Readonly<Record<string, number>>;
  readonly cpu: Readonly<Record<string, number>>;
  readonly peakBytes: number;
}

/** One command in this process, which does nothing else. */
async function runHere(args: readonly string[]): Promise<Run> {
  let out = '';
  const stages: Record<string, number> = {};
  const cpu: Record<string, number> = {};
  let [stage, since, busySince] = ['', performance.now(), process.cpuUsage()];
  const turn = (next: string): void => {
    const { user, system } = process.cpuUsage(busySince);
    stages[stage] = (stages[stage] ?? 0) + performance.now() - since;
    cpu[stage] = (cpu[stage] ?? 0) + (user + system) / 1_000;
    [stage, since, busySince] = [next, performance.now(), process.cpuUsage()];
  };
  const write = (text: string): void => {
    for (const line of text.split('\n').filter((part) => part.includes('"event"'))) {
      const { event } = JSON.parse(line) as { event: { stage: string } };
      if (event.stage !== stage) turn(event.stage);
    }
  };
  const print = (text: string): void => {
    out += text;
  };
  const io = { out: print, sink: { write, isTerminal: false, columns: 80, now: () => performance.now() } };
  const code = await runCli([...args, '--json'], io, new AbortController().signal);
  turn('end');
  return { code, result: JSON.parse(out) as Run['result'], stages, cpu, peakBytes: process.resourceUsage().maxRSS * 1_024 };
}

function run(...args: string[]): Run {
  const { stdout, status } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), '--one', ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error(`zkonnx ${args.join(' ')} failed`);
  const answer = JSON.parse(stdout) as Run;
  if (answer.code !== 0) throw new Error(`zkonnx ${args.join(' ')}: ${JSON.stringify(answer.result)}`);
  return answer;
}

interface Boundary {
  readonly name: string;
  readonly dims: readonly number[];
  readonly modelDType: 'float32' | 'uint8' | 'int8';
}

function randomInputs(inputs: readonly Boundary[]): Map<string, Tensor> {
  return new Map(
    inputs.map(({ name, dims, modelDType }): [string, Tensor] => {
      const length = dims.reduce((product, dim) => product * dim, 1);
      const of = (i: number) => ((i * 7_919) % 256) / 256;
      const data =
        modelDType === 'float32'
          ? Float32Array.from({ length }, (_, i) => of(i))
          : modelDType === 'uint8'
            ? Uint8Array.from({ length }, (_, i) => 255 * of(i))
            : Int8Array.from({ length }, (_, i) => 255 * of(i) - 128);
      return [name, { dtype: modelDType, dims, data } as Tensor];
    }),
  );
}

interface Figures {
  readonly constraints: number;
  readonly provingKeyBytes: number;
  readonly setupMs: number;
  readonly proofMs: number;
  readonly proofMemoryBytes: number;
}

function compare(name: string, model: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'zkonnx-estimate-'));
  try {
    const checked = run('check', model).result as { estimate: Figures; inputs: Boundary[] };
    const { size } = run('compile', model, '--out', folder).result as { size: { constraints: number } };
    writeFileSync(join(folder, 'x.npz'), writeNpz(randomInputs(checked.inputs)));
    const setup = run('setup', folder, '--dev');
    const proof = run('prove', folder, '--inputs', join(folder, 'x.npz'), '--out', join(folder, 'receipt.json'));
    const real: Figures = {
      constraints: size.constraints,
      provingKeyBytes: statSync(join(folder, 'circuit.zkey')).size,
      setupMs: setup.stages['set-up']!,
      proofMs: proof.stages.proof!,
      proofMemoryBytes: proof.peakBytes,
    };
    const cell = (key: keyof Figures, unit: number, digits: number): string => {
      const [guess, is] = [checked.estimate[key], real[key]];
      return `${(guess / unit).toFixed(digits)} / ${(is / unit).toFixed(digits)} (${guess >= is ? '+' : ''}${(100 * (guess / is - 1)).toFixed(0)} %)`;
    };
    const cells = [
      cell('constraints', 1, 0),
      cell('provingKeyBytes', 1e6, 1),
      cell('setupMs', 1e3, 2),
      cell('proofMs', 1e3, 2),
      cell('proofMemoryBytes', 1e6, 0),
    ];
    process.stdout.write(`| ${name} | ${cells.join(' | ')} |\n`);
    process.stderr.write(`  busy: set-up ${setup.cpu['set-up']!.toFixed(0)} ms, proof ${proof.cpu.proof!.toFixed(0)} ms\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const words = process.argv.slice(2);
if (words[0] === '--one') process.stdout.write(JSON.stringify(await runHere(words.slice(1))));
else {
  const digits = fileURLToPath(new URL('../examples/digits/digits.onnx', import.meta.url));
  const models = words.length > 0 ? words : [`digits=${digits}`];
  process.stdout.write('| model | constraints | key, MB | dev set-up, s | proof, s | memory, MB |\n|---|---|---|---|---|---|\n');
  for (const word of models) compare(word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1));
}
