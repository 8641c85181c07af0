/** docs/receipt.md and docs/signals.md say what the code does: every field has its row, the examples are the code's. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { canonicalJson } from '../../src/r1cs/canonical.ts';
import { circuitDigest, circuitTag, layoutDigest, sha256Hex, statementId } from '../../src/r1cs/digests.ts';
import { makeLayout } from '../../src/r1cs/layout.ts';
import { contextSignal } from '../../src/r1cs/signals.ts';
import { checkNames } from '../../src/verify.ts';
import { exampleProgram } from '../support/layouts.ts';
import { leaves, makeReceipt } from '../support/receipts.ts';

const page = (name: string): string => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');

test('every field of a receipt has a row in docs/receipt.md', () => {
  const { receipt } = makeReceipt({ context: 'text', options: { fuse: true } });
  const rows = page('receipt.md');
  const wanted = new Set<string>();
  for (const { path, value } of leaves({ ...receipt, context: { text: 'a', hex: '0x61' } })) {
    const steps = path.map((step, i) => (typeof step === 'number' ? '[]' : i === 0 ? step : `.${step}`));
    const names = [...steps, Array.isArray(value) ? '[]' : ''].join('');
    if (names.startsWith('unproven')) wanted.add('`unproven`');
    else if (names.startsWith('proof')) wanted.add('`proof`');
    else if (names.startsWith('setup.verificationKey')) wanted.add('`setup.verificationKey`');
    else if (names.startsWith('layout.options')) wanted.add('`layout.options`');
    else if (names.includes('[].')) wanted.add(`… \`.${names.split('[].')[1]}\``);
    else wanted.add(`\`${names}\``);
  }
  expect(wanted.size).toBeGreaterThan(25);
  for (const field of wanted) expect(rows, field).toContain(`| ${field}`);
});

test('the example of docs/signals.md is what the code computes', () => {
  const text = page('signals.md');
  const layout = makeLayout(exampleProgram);
  const hash = layoutDigest(layout);
  expect(text).toContain(canonicalJson(layout));
  for (const value of [
    hash,
    String(circuitTag(sha256Hex('model'), hash)),
    circuitDigest(sha256Hex('r1cs'), hash),
    statementId(sha256Hex('vk'), [0n, 125n, 255n, 1n << 253n]),
    `0x${contextSignal('hello').toString(16)}`,
  ]) {
    expect(text).toContain(value);
  }
});

test('docs/verifying.md names every check', () => {
  const text = page('verifying.md');
  for (const name of checkNames) expect(text).toContain(`| ${name} |`);
});
