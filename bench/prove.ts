/**
 * Our prover beside snarkjs', same key and witness, medians: `npm run bench:prove [logN …] [--threads N] [--runs N] [--profile ml|uniform|both] [--rapidsnark PATH] [--ours]`, by default 14 16 18 and both profiles. ML: 85 % bits, 13 %
 * integers below 2^32 of both signs, 2 % full-size; uniform: all full-size; the circuit is satisfied by construction. Each prover runs in a process of its own, so that the peaks of memory are its own. Times are of
 * `prove` with the key on disk, the check of the proof included in ours and snarkjs': "first" starts threads and reads the key, "next" is the median of those after it. "foreign": the .zkey alone, as any tool made it; "own": with
 * the file that our set-up puts beside it. CPU is that of the whole process during "next": on a busy machine the ratio to trust. `--ours` leaves snarkjs out: it takes minutes from 2^21 on. rapidsnark starts anew for each proof, as its command does; its check is not included.
 */
import { spawnSync } from 'node:child_process';
import { linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { wasmProver } from '../src/groth16/prove.ts';
import { devSetup } from '../src/groth16/setup-dev.ts';
import { snarkjsProver } from '../src/interop/snarkjs.ts';
import { satisfiedProfile } from './satisfied-profile.ts';

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    threads: { type: 'string', default: String(availableParallelism()) },
    runs: { type: 'string', default: '5' },
    profile: { type: 'string', default: 'both' },
    rapidsnark: { type: 'string' },
    ours: { type: 'boolean', default: false },
    one: { type: 'string' },
    folder: { type: 'string' },
  },
});

interface Figures {
  readonly first: number;
  readonly next: number;
  readonly cpu: number;
  readonly peakMb: number;
  readonly phases: string;
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

/** Milliseconds of all threads' work so far. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

async function measure(name: string, folder: string): Promise<Figures> {
  const threads = Number(flags.threads);
  const prover = name === 'snarkjs' ? snarkjsProver({ singleThread: threads === 1 }) : wasmProver({ threads });
  const zkey = { path: join(folder, name === 'own' ? 'own' : 'foreign', 'key.zkey') };
  const wtns = new Uint8Array(readFileSync(join(folder, 'witness.wtns')));
  const [times, work]: [number[], number[]] = [[], []];
  const phases = new Map<string, number>();
  for (let run = 0; run < Number(flags.runs); run++) {
    phases.clear();
    const [started, startedCpu] = [performance.now(), cpuMs()];
    let [note, since] = ['start', started];
    const turn = (next: string): void => {
      const now = performance.now();
      phases.set(note, (phases.get(note) ?? 0) + now - since);
      [note, since] = [next, now];
    };
    await prover.prove(zkey, wtns, name === 'snarkjs' ? {} : { onEvent: (event) => turn(event.note ?? '') });
    turn('end');
    times.push(performance.now() - started);
    work.push(cpuMs() - startedCpu);
  }
  await prover.close();
  return {
    first: times[0]!,
    next: median(times.length > 1 ? times.slice(1) : times),
    cpu: median(work.length > 1 ? work.slice(1) : work),
    peakMb: process.resourceUsage().maxRSS / 1024,
    phases: [...phases].map(([phase, ms]) => `${phase} ${ms.toFixed(0)}`).join(', '),
  };
}

function rapidsnark(program: string, folder: string): Figures {
  const times = Array.from({ length: Number(flags.runs) }, () => {
    const started = performance.now();
    const files = ['foreign/key.zkey', 'witness.wtns', 'proof.json', 'public.json'].map((name) => join(folder, name));
    const { status, error } = spawnSync(program, files, { stdio: ['ignore', 'ignore', 'inherit'] });
    if (status !== 0) throw error ?? new Error(`${program} ended with ${status}`);
    return performance.now() - started;
  });
  return { first: times[0]!, next: median(times), cpu: Number.NaN, peakMb: Number.NaN, phases: '' };
}

async function compare(log: number, uniform: boolean, folder: string): Promise<void> {
  const { r1cs, wtns } = satisfiedProfile(log, uniform);
  const keys = await devSetup(r1cs, { circuitDigest: 'bench' });
  for (const name of ['own', 'foreign']) mkdirSync(join(folder, name));
  writeFileSync(join(folder, 'own/key.zkey'), keys.zkey as Uint8Array);
  writeFileSync(join(folder, 'own/key.zkey.rekeyed'), keys.rekeyed!);
  linkSync(join(folder, 'own/key.zkey'), join(folder, 'foreign/key.zkey'));
  writeFileSync(join(folder, 'witness.wtns'), wtns);
  const run = (name: string): Figures => {
    const args = [fileURLToPath(import.meta.url), '--one', name, '--folder', folder, '--threads', flags.threads, '--runs', flags.runs];
    const { stdout, status } = spawnSync(process.execPath, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
    if (status !== 0) throw new Error(`${name} failed`);
    return JSON.parse(stdout) as Figures;
  };
  const rows: [string, Figures][] = (flags.ours ? ['foreign', 'own'] : ['foreign', 'own', 'snarkjs']).map((name) => [name, run(name)]);
  if (flags.rapidsnark !== undefined) rows.push(['rapidsnark', rapidsnark(flags.rapidsnark, folder)]);
  const theirs = flags.ours ? { first: Number.NaN, next: Number.NaN, cpu: Number.NaN, peakMb: Number.NaN } : rows[2]![1];
  const cell = (value: number, digits = 0): string => (Number.isNaN(value) ? '–' : value.toFixed(digits));
  for (const [name, { first, next, cpu, peakMb }] of rows) {
    const ratios = [theirs.first / first, theirs.next / next, theirs.cpu / cpu].map((ratio) => cell(ratio, 1)).join(' / ');
    const columns = [
      `2^${log} ${uniform ? 'uniform' : 'ML'}`,
      name,
      cell(first),
      cell(next),
      cell(cpu),
      cell(peakMb),
      ratios,
      cell(peakMb / theirs.peakMb, 2),
    ];
    process.stdout.write(`| ${columns.join(' | ')} |\n`);
  }
  process.stdout.write(
    `  phases of the last proof, ms: foreign: ${rows[0]![1].phases}\n                                own:     ${rows[1]![1].phases}\n`,
  );
}

if (flags.one !== undefined) {
  process.stdout.write(JSON.stringify(await measure(flags.one, flags.folder!)));
} else {
  process.stdout.write(
    `${flags.threads} threads, medians of ${flags.runs} proofs, snarkjs 0.7.6 with ${flags.threads === '1' ? 'one core' : 'all cores'}\n`,
  );
  process.stdout.write(
    '| circuit | prover | first, ms | next, ms | CPU, ms | peak, MB | snarkjs over it: first / next / CPU | memory over snarkjs |\n|---|---|---|---|---|---|---|---|\n',
  );
  for (const size of positionals.length > 0 ? positionals : ['14', '16', '18']) {
    for (const uniform of flags.profile === 'both' ? [false, true] : [flags.profile === 'uniform']) {
      const folder = mkdtempSync(join(tmpdir(), 'zkonnx-bench-'));
      try {
        await compare(Number(size), uniform, folder);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    }
  }
}
