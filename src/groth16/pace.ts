/** Long synchronous work in slices: lets the event loop run, so that an abort can be heard and progress shown. */
import { throwIfAborted } from '../errors.ts';
import type { RunOptions } from '../events.ts';

const sliceMs = 60;

/**
 * Returns `tick(done)`, to be awaited between units of work of some milliseconds: at most every 60 ms it reports progress, yields, and throws ZK1006 if the
 * caller's signal has fired.
 */
export function makePace(stage: string, total: number, note: string, options: RunOptions): (done: number) => Promise<void> {
  let last = performance.now();
  throwIfAborted(options.signal, stage);
  options.onEvent?.({ stage, done: 0, total, note });
  return async (done) => {
    if (performance.now() - last < sliceMs && done < total) return;
    options.onEvent?.({ stage, done, total, note });
    await new Promise((resolve) => setTimeout(resolve, 0));
    throwIfAborted(options.signal, stage);
    last = performance.now();
  };
}
