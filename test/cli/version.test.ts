/** One version, in package.json and in the sources. */
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { version } from '../../src/version.ts';
import { zkonnx } from '../support/cli.ts';

test('the sources and the CLI tell the version of package.json', async () => {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };
  expect(version).toBe(manifest.version);
  const { code, stdout } = await zkonnx(['--version'], { cwd: tmpdir() });
  expect({ code, stdout }).toEqual({ code: 0, stdout: `${version}\n` });
});
