/**
 * Seconds, CPU seconds (also the system's making) and peak memory of a set-up: `npm run bench:setup [logN …]`, by default 14 16 18, of a dev key; with `-- --ptau` from powers of tau, contribution and reading the file included, the making of
 * the powers not. Each size runs in a process of its own, so that the peaks are its own.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { devSetup } from '../src/groth16/setup-dev.ts';
import { ptauSetup } from '../src/groth16/setup-ptau.ts';
import { mlProfile } from './ml-profile.ts';
import { writePowers } from './powers.ts';

const words = process.argv.slice(2);
const sizes = words.filter((word) => /^\d+$/.test(word));
const file = words.find((word) => word.endsWith('.ptau'));

async function measure(logN: number): Promise<void> {
  const r1cs = mlProfile(logN);
  const nonZeros = r1cs.a.wires.length + r1cs.b.wires.length + r1cs.c.wires.length;
  const phases = new Map<string, number>();
  let [note, since] = ['load', performance.now()];
  const started = performance.now();
  const change = (next: string): void => {
    phases.set(note, (phases.get(note) ?? 0) + performance.now() - since);
    [note, since] = [next, performance.now()];
  };
  const onEvent = (event: { note?: string }): void => {
    if (event.note !== note) change(event.note ?? '');
  };
  const keys =
    file === undefined
      ? await devSetup(r1cs, { circuitDigest: 'bench' }, { onEvent })
      : await ptauSetup(r1cs, { circuitDigest: 'bench', ptau: { path: file } }, { onEvent });
  change('end');
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const { user, system } = process.cpuUsage();
  const cpuSeconds = ((user + system) / 1e6).toFixed(1);
  const zkeyMb = ((keys.zkey as Uint8Array).length / 1e6).toFixed(0);
  const peakMb = (process.resourceUsage().maxRSS / 1024).toFixed(0);
  const parts = [...phases].map(([name, ms]) => `${name} ${(ms / 1000).toFixed(1)}`).join(', ');
  process.stdout.write(
    `2^${logN}: ${r1cs.rowCount} rows, ${r1cs.wireCount} wires, ${nonZeros} non-zeros: ${seconds} s (${cpuSeconds} s of CPU), peak ${peakMb} MB, zkey ${zkeyMb} MB (${parts})\n`,
  );
}

const again = (...args: readonly string[]): void => {
  spawnSync(process.execPath, [fileURLToPath(import.meta.url), ...args], { stdio: 'inherit' });
};

if (words.includes('--powers')) await writePowers(file!, Number(sizes[0]), availableParallelism());
else if (words.includes('--one')) await measure(Number(sizes[0]));
else {
  for (const size of sizes.length > 0 ? sizes : ['14', '16', '18']) {
    if (!words.includes('--ptau')) {
      again(size, '--one');
      continue;
    }
    const folder = mkdtempSync(join(tmpdir(), 'zkonnx-bench-'));
    const powers = join(folder, 'bench.ptau');
    again(size, powers, '--powers');
    again(size, powers, '--one');
    rmSync(folder, { recursive: true });
  }
}
