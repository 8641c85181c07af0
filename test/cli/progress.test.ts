/** Progress: redrawn on a terminal, a heartbeat elsewhere, events with --json. */
import { expect, test } from 'vitest';
import { createProgress, type ProgressSink } from '../../src/cli/progress.ts';

function sink(isTerminal: boolean): ProgressSink & { text: string; clock: number } {
  const made = {
    text: '',
    clock: 0,
    isTerminal,
    columns: 40,
    write: (text: string) => {
      made.text += text;
    },
    now: () => made.clock,
  };
  return made;
}

/** A stage of 10 s, an event every 100 ms. */
function work(target: ReturnType<typeof sink>, json: boolean): readonly (readonly [string, number])[] {
  const progress = createProgress(target, json);
  for (let done = 0; done <= 100; done++) {
    progress.onEvent({ stage: 'set-up', done, total: 100, note: '262,144 points of 5 sets, which is a long note' });
    target.clock += 100;
  }
  return progress.finish();
}

test('off a terminal: a line every few seconds, with share and time left', () => {
  const target = sink(false);
  expect(work(target, false)).toEqual([['set-up', 10_100]]);
  const lines = target.text.trimEnd().split('\n');
  expect(lines).toHaveLength(3);
  expect(lines[0]).toMatch(/^set-up 30 % \(262,144 points.*\) 7\.0 s left$/);
  expect(target.text).not.toContain('\x1b');
});

test('on a terminal: one line, redrawn, never wrapped, cleared at the end', () => {
  const target = sink(true);
  work(target, false);
  expect(target.text).not.toContain('\n');
  const frames = target.text.split('\r\x1b[K');
  for (const frame of frames) expect(frame.length).toBeLessThan(40);
  expect(frames.at(-1)).toBe('');
});

test('with --json: one event per line', () => {
  const target = sink(true);
  work(target, true);
  const events = target.text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { event: { stage: string; done: number } });
  expect(events.length).toBeGreaterThan(2);
  expect(events[0]!.event).toMatchObject({ stage: 'set-up', done: 0, total: 100 });
});

test('stages are timed one after the other', () => {
  const target = sink(false);
  const progress = createProgress(target, false);
  progress.onEvent({ stage: 'read', done: 0, total: 0 });
  target.clock = 5;
  progress.onEvent({ stage: 'graph', done: 0, total: 0 });
  target.clock = 25;
  expect(progress.finish()).toEqual([
    ['read', 5],
    ['graph', 20],
  ]);
  expect(target.text).toBe('');
});
