/** What long calls tell their caller while they work, and how computations in steps are driven so that they can tell it and be stopped. */
import { throwIfAborted } from './errors.ts';

export interface StageEvent {
  /** Which stage, as people name it: "bounds", "set-up", "witness", "proof", … */
  readonly stage: string;
  /** Units of work done and in all; `total` is 0 where it cannot be known. */
  readonly done: number;
  readonly total: number;
  /** What one unit is, or why the stage takes long: "points of 5 sets". */
  readonly note?: string;
}

/** The last argument of every long call. */
export interface RunOptions {
  /** Cancels the work; the call then rejects with ZK1006 and leaves no thread or half file. */
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: ((event: StageEvent) => void) | undefined;
}

/** Where a long computation stands, told between its units of work. */
export type StepProgress = Omit<StageEvent, 'stage'>;

/** Computation in units of work: a generator pauses between them, and whoever drives it decides whether the event loop may run. */
export type Steps<T> = Generator<StepProgress, T, void>;

/** All of it in one go. */
export function runSteps<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}

/** Longest time between two turns of the event loop, unless one unit takes longer. */
const sliceMs = 50;

/** All of it, with turns of the event loop between: progress is told and an abort is heard. @throws ZkonnxError ZK1006. */
export async function driveSteps<T>(stage: string, steps: Steps<T>, options: RunOptions): Promise<T> {
  let last = performance.now();
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
    if (performance.now() - last < sliceMs) continue;
    options.onEvent?.({ stage, ...value });
    await new Promise<void>((resolve) => setTimeout(resolve, 0));
    throwIfAborted(options.signal, stage);
    last = performance.now();
  }
}
