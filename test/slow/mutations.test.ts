/** Ten thousand damaged files for each parser (figure F12): the mutator of test/fuzz, from a seed that is printed; `FUZZ_SEED=… FUZZ_CASES=…` runs it again, or for longer. */
import { describe, expect, test } from 'vitest';
import { checkExtremes } from '../fuzz/check-extremes.ts';
import { checkOutcome, fuzz } from '../fuzz/run.ts';
import { allTargets } from '../fuzz/targets.ts';
import { operatorCases } from '../support/operator-cases.ts';

const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31);
const cases = Number(process.env.FUZZ_CASES ?? 10_000);

describe(`seed ${seed}`, async () => {
  test.each(await allTargets())(`$name: ${cases} damaged files`, async (target) => {
    const outcome = await fuzz(target, cases, seed);
    const { refused, slowestMs, worstRatio, rssGrowthBytes } = outcome;
    console.log(
      `${target.name}: seed ${seed}, ${cases} files, ${refused} refused, 0 crashes, slowest ${slowestMs.toFixed(0)} ms, ` +
        `largest allocation ${worstRatio.toFixed(1)} times the file, memory +${Math.round(rssGrowthBytes / 2 ** 20)} MiB`,
    );
    checkOutcome(outcome, target);
    expect(refused).toBeGreaterThan(cases / 5);
  });
});

test.each(Object.entries(operatorCases))('every number of %s at its extremes', async (_, parts) => {
  expect(await checkExtremes(parts, 1, 0)).toBeGreaterThan(100);
});
