/** docs/operators.md is made from the operators' files; `npm run docs:operators` (this file with --update) writes it. */
import { expect, test } from 'vitest';
import { ops } from '../../src/graph/ops.ts';
import { operatorsPage } from '../../src/report/operators-page.ts';
import { operatorCases } from '../support/operator-cases.ts';

test('docs/operators.md is what the operators declare', async () => {
  await expect(operatorsPage()).toMatchFileSnapshot('../../docs/operators.md');
});

const names = ops.map(({ domain, op }) => (domain === '' ? op : `${domain}.${op}`));

test('every operator has a case, whose constraints operator-costs.test.ts counts', () => {
  expect(names.filter((name) => operatorCases[name] === undefined)).toEqual([]);
});

test('every operator has one row', () => {
  const page = operatorsPage();
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(page.split('\n').filter((line) => line.startsWith(`| ${name} |`)).length, name).toBe(1);
});
