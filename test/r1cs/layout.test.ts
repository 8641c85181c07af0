/** Order, counts and defaults of the public signals (docs/signals.md), and the digests against values computed with Python's hashlib. */
import { expect, test } from 'vitest';
import { ZkonnxError } from '../../src/errors.ts';
import { canonicalJson } from '../../src/r1cs/canonical.ts';
import { circuitDigest, circuitTag, layoutDigest, sha256Hex, statementId } from '../../src/r1cs/digests.ts';
import { makeLayout, maxSignalCount } from '../../src/r1cs/layout.ts';
import { boundaryProgram, exampleProgram } from '../support/layouts.ts';

const codeOf = (run: () => unknown): string | undefined => {
  try {
    run();
  } catch (error) {
    return error instanceof ZkonnxError ? error.code : String(error);
  }
  return undefined;
};

test('context first, outputs in graph order, inputs in graph order; inputs hashed and outputs public unless asked otherwise', () => {
  const program = boundaryProgram(
    [
      { name: 'a', dtype: 'uint8', dims: [1, 63] },
      { name: 'b', dtype: 'int32', dims: [8] },
      { name: 'c', dtype: 'uint8', dims: [5] },
    ],
    [
      { name: 'y', dtype: 'int8', dims: [2, 2] },
      { name: 'index', dtype: 'int64', dims: [] },
    ],
  );
  const layout = makeLayout(program);
  const places = [...layout.outputs, ...layout.inputs].map((t) => [t.name, t.visibility, t.firstSignal, t.signalCount]);
  expect(places).toEqual([
    ['y', 'public', 1, 4],
    ['index', 'public', 5, 1],
    ['a', 'hashed', 6, 1],
    ['b', 'hashed', 7, 1],
    ['c', 'hashed', 8, 1],
  ]);
  expect(layout.signalCount).toBe(9);
  const other = makeLayout(program, { visibility: { a: 'packed', b: 'packed', c: 'private', y: 'private', index: 'hashed' } });
  expect([...other.outputs, ...other.inputs].map((t) => [t.name, t.firstSignal, t.signalCount])).toEqual([
    ['y', 0, 0],
    ['index', 1, 1],
    ['a', 2, 3],
    ['b', 5, 2],
    ['c', 0, 0],
  ]);
  expect(other.signalCount).toBe(7);
});

test('an unknown word or name is an error, never a default', () => {
  expect(codeOf(() => makeLayout(exampleProgram, { visibility: { image: 'Public' } }))).toBe('ZK1004');
  expect(codeOf(() => makeLayout(exampleProgram, { visibility: { image: '' } }))).toBe('ZK1004');
  expect(codeOf(() => makeLayout(exampleProgram, { visibility: { image: 'constructor' } }))).toBe('ZK1004');
  expect(codeOf(() => makeLayout(exampleProgram, { visibility: { imag: 'public' } }))).toBe('ZK1005');
  expect(codeOf(() => makeLayout(exampleProgram, { visibility: JSON.parse('{"__proto__":"public"}') }))).toBe('ZK1005');
});

test('more signals than a verifier takes are refused when compiling', () => {
  const program = boundaryProgram([{ name: 'x', dtype: 'uint8', dims: [maxSignalCount] }], []);
  expect(codeOf(() => makeLayout(program, { visibility: { x: 'public' } }))).toBe('ZK1008');
  expect(makeLayout(program, { visibility: { x: 'packed' } }).signalCount).toBe(1 + Math.ceil(maxSignalCount / 31));
});

test('canonical JSON as RFC 8785 writes it', () => {
  // Sorting and number examples of RFC 8785, sections 3.2.2 and 3.2.3.
  const example =
    '{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001,-0],"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/","literals":[null,true,false]}';
  expect(canonicalJson(JSON.parse(example))).toBe(
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27,0],"string":"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  );
  expect(canonicalJson(JSON.parse('{"\\u20ac":1,"\\r":2,"\\ufb33":3,"1":4,"\\ud83d\\ude00":5,"\\u0080":6,"\\u00f6":7}'))).toBe(
    '{"\\r":2,"1":4,"\u0080":6,"\u00f6":7,"\u20ac":1,"\u{1f600}":5,"\ufb33":3}',
  );
  for (const bad of [undefined, Number.NaN, Number.POSITIVE_INFINITY, 1n, '\ud800', { a: undefined }, [() => 0]]) {
    expect(() => canonicalJson(bad)).toThrow(TypeError);
  }
});

test('digests of the example, against hashlib', () => {
  const layout = makeLayout(exampleProgram);
  const hash = layoutDigest(layout);
  expect(hash).toBe('27c547e6c2860be91c2f9569130dc921042bcc8868e2b91f266f22281365e21b');
  expect(circuitTag(sha256Hex('model'), hash)).toBe(443635684284281669702273931359554219734794864959307030760958523914989204082n);
  expect(circuitDigest(sha256Hex('r1cs'), hash)).toBe('71728b05f081d8af5c3e3882a8274347cf79f0845134896b2ad33aedb7efbea8');
  expect(statementId(sha256Hex('vk'), [0n, 125n, 255n, 1n << 253n])).toBe(
    '441c91d31d74638fec630b8bde369c898fc9ba8b6c3f7d19270ede2a9fbacebd',
  );
});

test('every field of the layout is in its digest', () => {
  const base = makeLayout(exampleProgram);
  const seen = new Set([layoutDigest(base)]);
  const [image] = base.inputs;
  const changed = {
    name: 'i',
    role: 'output',
    dtype: 'int8',
    modelDType: 'uint8',
    dims: [4],
    elementCount: 5,
    scale: 2e-7,
    zeroPoint: 1,
  } as const;
  const more = { visibility: 'packed', firstSignal: 4, signalCount: 2 } as const;
  const changes = Object.entries({ ...changed, ...more });
  expect(changes.map(([key]) => key).sort()).toEqual(Object.keys(image!).sort());
  for (const [key, value] of changes) seen.add(layoutDigest({ ...base, inputs: [{ ...image!, [key]: value }] }));
  seen.add(layoutDigest({ ...base, options: { x: 1 } }));
  seen.add(layoutDigest({ ...base, signalCount: 5 }));
  seen.add(layoutDigest({ ...base, version: 2 as 1 }));
  seen.add(layoutDigest({ ...base, profile: 'other' as 'ort-fused' }));
  expect(seen.size).toBe(1 + changes.length + 4);
});
