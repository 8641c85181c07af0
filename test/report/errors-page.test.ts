/** docs/errors.md is made from the error table; `npm run docs:errors` (this file with -u) writes it. */
import { expect, test } from 'vitest';
import { errorTable } from '../../src/errors.ts';
import { errorsPage } from '../../src/report/errors-page.ts';

test('docs/errors.md is what the error table gives', async () => {
  await expect(errorsPage()).toMatchFileSnapshot('../../docs/errors.md');
});

test('every code has its section', () => {
  const page = errorsPage();
  for (const code of Object.keys(errorTable)) expect(page).toContain(`### ${code}\n`);
});
