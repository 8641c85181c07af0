/** Names are the model's: in a terminal, a page, a path or an object of JavaScript's they stay names. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { zkonnxHere } from '../support/cli.ts';
import { model, node, part, qdq, value, weights } from '../support/onnx-builder.ts';

let parent: string;
let folder: string;
beforeAll(() => {
  parent = mkdtempSync(join(tmpdir(), 'zkonnx-names-'));
  folder = mkdtempSync(join(parent, 'work-'));
});
afterAll(() => rmSync(parent, { recursive: true, force: true }));

const q = { dtype: 'uint8', scale: 0.1, zeroPoint: 100 } as const;
const network = (input: string, output: string, layer: string) =>
  model({
    parts: [
      qdq(input, q),
      weights('w', [2, 2], [3, -1, 2, 5], { scales: [0.5], dtype: 'int8' }),
      part(node('MatMul', [`${input}_dq`, 'w_dq'], ['y'], {}, { name: layer })),
      qdq('y', q, output),
    ],
    inputs: [value(input, 'float32', [1, 2])],
    outputs: [value(output, 'float32', [1, 2])],
  });

test.each([
  ['__proto__', 'constructor', 'toString'],
  ['hasOwnProperty', '__proto__', 'valueOf'],
  ['x\u001b[2J\u001b]0;title\u0007', '<img src=x onerror=alert(1)>', '</script><script>alert(1)</script>'],
  ['../../etc/passwd', 'a/b', '..'],
  ['a\u202eb', '\u200b', '\u2028'],
])('%j, %j, %j', async (input, output, layer) => {
  writeFileSync(join(folder, 'net.onnx'), network(input, output, layer));
  // By its code points: a literal __proto__ would be no key.
  writeFileSync(join(folder, 'x.json'), `{${JSON.stringify(input)}: [[0.5, -0.25]]}`);
  for (const args of [
    ['compile', 'net.onnx', '--out', 'net'],
    ['setup', 'net', '--dev', '--seed', 'names'],
    ['run', 'net', '--inputs', 'x.json', '--out', 'y.npz'],
    ['prove', 'net', '--inputs', 'x.json', '--out', 'receipt.json'],
    ['verify', 'receipt.json', '--model', 'net.onnx', '--allow-dev-setup'],
    ['inspect', 'net', '--out', 'net.html'],
    ['audit', 'net'],
    ['export', 'net', 'solidity', '--out', 'net.sol'],
  ]) {
    const { code, stdout, stderr } = await zkonnxHere(args, folder);
    expect(code, `${args.join(' ')}: ${stderr}`).toBe(0);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    expect(`${stdout}${stderr}`, args.join(' ')).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
  }
  const page = readFileSync(join(folder, 'net.html'), 'utf8');
  expect(page).not.toContain('<img src=x');
  expect(page).not.toContain('</script><script>alert');
  expect(({} as { onerror?: unknown }).onerror).toBeUndefined();
  expect(readdirSync(parent)).toHaveLength(1);
});

test('a --name is no path', async () => {
  writeFileSync(join(folder, 'net.onnx'), network('x', 'p', 'm'));
  for (const name of ['../../evil', '/tmp/evil', '..', 'a\u0000b', '-rf', 'CON']) {
    const { code, stdout } = await zkonnxHere(['compile', 'net.onnx', '--name', name, '--json'], folder);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).folder).toMatch(/^artifacts[/\\][\w.-]+-[0-9a-f]{8}$/);
  }
  expect(readdirSync(parent)).toHaveLength(1);
});
