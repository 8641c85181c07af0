/**
 * The same file and options give the same circuit, byte for byte, on any machine and engine. The recorded digest changes only when the compiler's output does: then every key made
 * for the model is of another circuit, which is worth a line in CHANGELOG.md.
 */
import { expect, test } from 'vitest';
import { compile } from '../src/compile.ts';
import { digitsModel } from './support/digits.ts';

test('digests of examples/digits', async () => {
  const { digests } = await compile(await digitsModel());
  expect(digests).toMatchSnapshot();
  expect((await compile(await digitsModel(), { name: 'another name' })).digests).toEqual(digests);
  expect((await compile(await digitsModel(), { visibility: { input: 'private' } })).digests.circuit).not.toBe(digests.circuit);
});
