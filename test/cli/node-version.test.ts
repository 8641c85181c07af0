/** The way in reads on any Node: too old is a sentence and exit 2, in a clone it takes the clone's own Node. */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { version } from '../../src/version.ts';

const bin = fileURLToPath(new URL('../../bin/zkonnx.js', import.meta.url));

/** Runs a bin on a Node that says it is an old one. */
function onNode(pretended: string, path: string): Promise<{ code: number; stdout: string; stderr: string }> {
  const pretend = `data:text/javascript,Object.defineProperties(process,{versions:{value:{...process.versions,node:'${pretended}'}},version:{value:'v${pretended}'}})`;
  return new Promise((resolve) => {
    execFile(process.execPath, ['--import', pretend, path, '--version'], (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : (error.code as number), stdout, stderr });
    });
  });
}

test('an installed package on an old Node: what is needed, and exit 2', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'zkonnx-bin-'));
  try {
    await mkdir(join(folder, 'bin'));
    await cp(bin, join(folder, 'bin/zkonnx.js'));
    await cp(fileURLToPath(new URL('../../package.json', import.meta.url)), join(folder, 'package.json'));
    for (const old of ['16.20.2', '20.20.2', '22.11.0']) {
      const { code, stdout, stderr } = await onNode(old, join(folder, 'bin/zkonnx.js'));
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toBe(`ZK1007 zkonnx needs Node 22.12 or newer, this is v${old}\n  install a newer Node, e.g. from nodejs.org\n`);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test("a clone on an old Node runs on the clone's own", async () => {
  expect(await onNode('20.20.2', bin)).toMatchObject({ code: 0, stdout: `${version}\n` });
});
