/** The circuits of test/support/digests.ts on the oldest line of Node that we support and on our own. Fetches that Node once. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

test('Node 22 and 26 make the same circuits', () => {
  const cwd = fileURLToPath(new URL('../..', import.meta.url));
  const text = execFileSync('npm', ['run', '--silent', 'test:nodes'], { cwd, encoding: 'utf8', shell: process.platform === 'win32' });
  expect(text.split('\n')).toEqual([
    expect.stringMatching(/^Node 26\.\S+: the recorded circuits$/),
    expect.stringMatching(/^Node 22\.\S+: the recorded circuits$/),
    '',
  ]);
});
