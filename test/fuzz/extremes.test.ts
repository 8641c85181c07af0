/**
 * Every operator's own model with one number in it at an extreme: a typed error or a program; never another throw, never two seconds, never memory beyond bounds. Every 12th of
 * them here, all of them with `npm run test:slow`.
 */
import { describe, test } from 'vitest';
import { operatorCases } from '../support/operator-cases.ts';
import { checkExtremes } from './check-extremes.ts';

describe('one number at an extreme', () => {
  test.each(Object.entries(operatorCases).map(([name, parts], i) => [name, parts, i] as const))('%s', async (_, parts, i) => {
    await checkExtremes(parts, 12, i);
  });
});
