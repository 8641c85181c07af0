import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

test('five million rows and twenty million non-zeros within 60 s and 4 GiB', () => {
  // The bench exits with 1 where it misses either.
  const report = execFileSync(process.execPath, ['bench/builder.ts'], { cwd: root, encoding: 'utf8' });
  expect(report).toMatch(/^rows +5,000,0\d\d\n/m);
  expect(report).toMatch(/^non-zeros +20,000,/m);
}, 120_000);
