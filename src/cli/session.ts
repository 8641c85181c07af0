/**
 * One run of one command, as the command sees it: where results go (stdout: data), where talk goes (stderr), and what to hand to long calls. With `--json`
 * stdout is one JSON document, the result or `{error}`, and stderr one JSON event per line.
 */
import type { StageEvent } from '../events.ts';
import { formatDuration } from '../report/duration.ts';
import { createProgress, type ProgressSink } from './progress.ts';

export interface Session {
  readonly json: boolean;
  /** For every long call: fires on Ctrl-C; events become progress on stderr. */
  readonly runOptions: { readonly signal: AbortSignal; readonly onEvent: (event: StageEvent) => void };
  /** The result, once: `data` with --json, else `text` (unless empty). */
  result(data: object, text: string): void;
  /** Something to know besides the result: stderr, not with --json. */
  note(text: string): void;
  /** The next step, as a command line: stderr, not with --json. */
  next(command: string): void;
  /** Where the input now worked on came from ("applicants.npz, index 4"): added to errors about inputs. */
  place: string | null;
}

export interface SessionIo {
  readonly out: (text: string) => void;
  readonly sink: ProgressSink;
}

export interface OpenSession extends Session {
  /** Ends progress; with `summary` it says on stderr how long the stages took. */
  close(summary: boolean): void;
}

/** Stages shorter than this are no news. */
const worthSayingMs = 1;

export function openSession(io: SessionIo, options: { readonly json: boolean; readonly signal: AbortSignal }): OpenSession {
  const progress = createProgress(io.sink, options.json);
  const talk = (text: string): void => {
    if (options.json) return;
    progress.clear();
    io.sink.write(`${text}\n`);
  };
  let closed = false;
  return {
    json: options.json,
    runOptions: { signal: options.signal, onEvent: progress.onEvent },
    place: null,
    result(data, text) {
      this.close(true);
      if (options.json) io.out(`${JSON.stringify(data, null, 2)}\n`);
      else if (text !== '') io.out(text.endsWith('\n') ? text : `${text}\n`);
    },
    note: talk,
    next: (command) => talk(`  next         ${command}`),
    close(summary) {
      if (closed) return;
      closed = true;
      const stages = progress.finish().filter(([, elapsedMs]) => elapsedMs >= worthSayingMs);
      if (summary && stages.length > 0) talk(stages.map(([name, elapsedMs]) => `${name} ${formatDuration(elapsedMs)}`).join(' · '));
    },
  };
}
