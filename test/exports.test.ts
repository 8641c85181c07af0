/** The public surface is a test: adding or removing a name is a decision, not an accident. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { exports: Record<string, unknown> };

describe('exports', () => {
  test('entry points', () => {
    expect(Object.keys(manifest.exports)).toEqual(['.', './verify', './circuits', './server', './evm', './package.json']);
  });

  test.each([
    ['.', '../src/index.ts'],
    ['./verify', '../src/verify.ts'],
    ['./circuits', '../circuits/index.ts'],
    ['./server', '../src/server/index.ts'],
    ['./evm', '../src/evm/index.ts'],
  ])('%s', async (_entry, file) => {
    expect(Object.keys((await import(file)) as object).sort()).toMatchSnapshot();
  });
});
