/** kill −9 at any moment of compiling and setting up: a folder is then either no artifact, or whole and right. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { loadArtifact } from '../../src/store/artifact.ts';

const bin = fileURLToPath(new URL('../../bin/zkonnx.js', import.meta.url));
const model = fileURLToPath(new URL('../../examples/digits/digits.onnx', import.meta.url));
const rounds = 24;

/** Runs a command and kills it after `ms`; true if it had ended before. */
function killedAfter(ms: number, cwd: string, ...args: string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [bin, ...args], { cwd, stdio: 'ignore' });
    const timer = setTimeout(() => child.kill('SIGKILL'), ms);
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve(code === 0);
    });
  });
}

test('a killed compile or set-up never leaves a folder that is wrong', async () => {
  const cwd = await mkdtemp(join(tmpdir(), 'zkonnx-kill-'));
  const outcomes = { none: 0, compiled: 0, keyed: 0 };
  try {
    for (let round = 0; round < rounds; round++) {
      const folder = join(cwd, `round-${round}`);
      // Spread over the whole run; the second half of the rounds interrupts a set-up into a compiled folder.
      const compileMs = round < rounds / 2 ? 300 + 150 * round : 60_000;
      const compiled = await killedAfter(compileMs, cwd, 'compile', model, '--out', folder);
      if (compiled) await killedAfter(1_000 + 400 * (round % (rounds / 2)), cwd, 'setup', folder, '--dev');
      const isArtifact = await stat(join(folder, 'manifest.json')).then(
        () => true,
        () => false,
      );
      if (!isArtifact) outcomes.none++;
      else if ((await loadArtifact(folder)).keys === null) outcomes.compiled++;
      else outcomes.keyed++;
      await rm(folder, { recursive: true, force: true });
    }
  } finally {
    await rm(cwd, { recursive: true, force: true });
  }
  expect(outcomes.none + outcomes.compiled + outcomes.keyed).toBe(rounds);
  expect(outcomes.none).toBeGreaterThan(0);
  expect(outcomes.compiled).toBeGreaterThan(0);
}, 600_000);
