/**
 * Our prover beside snarkjs', same key and witness, medians: `npm run bench:prove [logN …] [--threads N] [--runs N] [--uniform]`, by default 14 16 18. Witness: 85 % bits, 13 % integers below 2^32, 2 %
 * full-size, or all full-size; the circuit is satisfied by construction. Each prover runs in a process of its own, so that the peaks of memory are its own. Times are of `prove` with the key on
 * disk, the check of the proof included in both: "first" starts threads and reads the key, "next" is the median of those after it.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
    uniform: { type: 'boolean', default: false },
    one: { type: 'string' },
    folder: { type: 'string' },
  },
});

interface Figures {
  readonly first: number;
  readonly next: number;
  readonly peakMb: number;
  readonly phases: string;
}

async function measure(name: string, folder: string): Promise<Figures> {
  const threads = Number(flags.threads);
  const prover = name === 'ours' ? wasmProver({ threads }) : snarkjsProver({ singleThread: threads === 1 });
  const zkey = { path: join(folder, 'key.zkey') };
  const wtns = new Uint8Array(readFileSync(join(folder, 'witness.wtns')));
  const times: number[] = [];
  const phases = new Map<string, number>();
  for (let run = 0; run < Number(flags.runs); run++) {
    phases.clear();
    const started = performance.now();
    let [note, since] = ['start', started];
    const turn = (next: string): void => {
      const now = performance.now();
      phases.set(note, (phases.get(note) ?? 0) + now - since);
      [note, since] = [next, now];
    };
    await prover.prove(zkey, wtns, name === 'ours' ? { onEvent: (event) => turn(event.note ?? '') } : {});
    turn('end');
    times.push(performance.now() - started);
  }
  await prover.close();
  const rest = times.slice(1).sort((a, b) => a - b);
  return {
    first: times[0]!,
    next: rest[rest.length >> 1] ?? times[0]!,
    peakMb: process.resourceUsage().maxRSS / 1024,
    phases: [...phases].map(([phase, ms]) => `${phase} ${ms.toFixed(0)}`).join(', '),
  };
}

if (flags.one !== undefined) {
  process.stdout.write(JSON.stringify(await measure(flags.one, flags.folder!)));
} else {
  for (const size of positionals.length > 0 ? positionals : ['14', '16', '18']) {
    const folder = mkdtempSync(join(tmpdir(), 'zkonnx-bench-'));
    try {
      const { r1cs, wtns } = satisfiedProfile(Number(size), flags.uniform);
      const keys = await devSetup(r1cs, { circuitDigest: 'bench' });
      writeFileSync(join(folder, 'key.zkey'), keys.zkey as Uint8Array);
      writeFileSync(join(folder, 'witness.wtns'), wtns);
      const run = (name: string): Figures => {
        const args = [fileURLToPath(import.meta.url), '--one', name, '--folder', folder, '--threads', flags.threads, '--runs', flags.runs];
        const { stdout, status } = spawnSync(process.execPath, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
        if (status !== 0) throw new Error(`${name} failed`);
        return JSON.parse(stdout) as Figures;
      };
      const [ours, theirs] = [run('ours'), run('snarkjs')];
      const line = (name: string, { first, next, peakMb }: Figures): string =>
        `  ${name.padEnd(8)} first ${first.toFixed(0)} ms, next ${next.toFixed(0)} ms, peak ${peakMb.toFixed(0)} MB\n`;
      process.stdout.write(
        `2^${size} ${flags.uniform ? 'uniform' : 'ML'}, ${r1cs.rowCount} rows, ${flags.threads} threads\n${line('ours', ours)}${line('snarkjs', theirs)}` +
          `  ratio: first ${(theirs.first / ours.first).toFixed(1)}, next ${(theirs.next / ours.next).toFixed(1)}, memory ${(ours.peakMb / theirs.peakMb).toFixed(2)}\n  ours, ms: ${ours.phases}\n`,
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}
