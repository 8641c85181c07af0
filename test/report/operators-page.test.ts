/** docs/operators.md is made from the operators' files; `npm run docs:operators` (this file with --update) writes it. */
import { expect, test } from 'vitest';
import { ops } from '../../src/graph/ops.ts';
import { operatorsPage } from '../../src/report/operators-page.ts';

test('docs/operators.md is what the operators declare', async () => {
  await expect(operatorsPage()).toMatchFileSnapshot('../../docs/operators.md');
});

test('every operator has one row', () => {
  const page = operatorsPage();
  const names = ops.map(({ domain, op }) => (domain === '' ? op : `${domain}.${op}`));
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(page.split('\n').filter((line) => line.startsWith(`| ${name} |`)).length, name).toBe(1);
});
