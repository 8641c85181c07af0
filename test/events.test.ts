/** Long computations tell where they stand and can be stopped. */
import { expect, test } from 'vitest';
import { driveSteps, runSteps, type StageEvent, type Steps } from '../src/events.ts';

/** Busy for `ms` in each of `total` units: as synchronous as building a circuit. */
function* work(total: number, ms: number): Steps<string> {
  for (let done = 0; done < total; done++) {
    yield { done, total };
    for (const end = performance.now() + ms; performance.now() < end; );
  }
  return 'finished';
}

test('in one go or driven, the result is the same', async () => {
  expect(runSteps(work(3, 1))).toBe('finished');
  expect(await driveSteps('work', work(3, 1), {})).toBe('finished');
});

test('driven, it tells where it stands', async () => {
  const events: StageEvent[] = [];
  await driveSteps('work', work(30, 10), { onEvent: (event) => events.push(event) });
  expect(events.length).toBeGreaterThan(2);
  expect(events.every(({ stage, total }) => stage === 'work' && total === 30)).toBe(true);
});

test('driven, an abort from a timer is heard long before the end', async () => {
  const controller = new AbortController();
  const started = performance.now();
  setTimeout(() => controller.abort(), 20);
  await expect(driveSteps('work', work(1_000, 10), { signal: controller.signal })).rejects.toMatchObject({
    code: 'ZK1006',
    message: 'interrupted during work',
  });
  expect(performance.now() - started).toBeLessThan(5_000);
});
