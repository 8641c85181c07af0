/** What long calls tell their caller while they work, and the options that all of them take. */
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
