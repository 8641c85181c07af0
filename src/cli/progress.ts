/**
 * Progress on stderr: which stage, share done, time left. One line redrawn in place on a terminal, a plain line every few seconds elsewhere, one JSON event per line
 * with --json. Ends with how long each stage took. Stages that never yield (building a circuit) tell of themselves before they start.
 */
import type { StageEvent } from '../events.ts';
import { formatDuration } from '../report/duration.ts';

export interface ProgressSink {
  /** Appends to stderr. */
  readonly write: (text: string) => void;
  readonly isTerminal: boolean;
  /** Columns of the terminal; the redrawn line must not wrap. */
  readonly columns: number;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
}

export interface Progress {
  readonly onEvent: (event: StageEvent) => void;
  /** Clears the redrawn line: before anything else is written. */
  clear(): void;
  /** Milliseconds of each stage, in the order of their first start, those of one name added up; ends the stage that is running. */
  finish(): readonly (readonly [stage: string, elapsedMs: number])[];
}

const redrawEveryMs = 100;
const heartbeatEveryMs = 3_000;

export function createProgress(sink: ProgressSink, json: boolean): Progress {
  const stages = new Map<string, number>();
  let stage: { name: string; startedMs: number; lastTalkMs: number } | null = null;
  let drawn = false;

  const clear = (): void => {
    if (drawn) sink.write('\r\x1b[K');
    drawn = false;
  };
  const endStage = (): void => {
    if (stage !== null) stages.set(stage.name, (stages.get(stage.name) ?? 0) + sink.now() - stage.startedMs);
    stage = null;
  };
  const talk = (event: StageEvent, elapsedMs: number): void => {
    if (json) {
      sink.write(`${JSON.stringify({ event: { ...event, elapsedMs: Math.round(elapsedMs) } })}\n`);
    } else if (sink.isTerminal) {
      const line = describe(event, elapsedMs);
      sink.write(`\r\x1b[K${line.length < sink.columns ? line : line.slice(0, Math.max(sink.columns - 1, 0))}`);
      drawn = true;
    } else {
      sink.write(`${describe(event, elapsedMs)}\n`);
    }
  };

  return {
    onEvent(event) {
      const now = sink.now();
      const isNew = stage?.name !== event.stage;
      if (isNew) {
        endStage();
        // Off a terminal short stages stay silent; with --json every stage is announced.
        stage = { name: event.stage, startedMs: now, lastTalkMs: json || sink.isTerminal ? Number.NEGATIVE_INFINITY : now };
      }
      const current = stage!;
      const due = sink.isTerminal && !json ? redrawEveryMs : heartbeatEveryMs;
      if (now - current.lastTalkMs < due) return;
      current.lastTalkMs = now;
      talk(event, now - current.startedMs);
    },
    clear,
    finish() {
      clear();
      endStage();
      return [...stages];
    },
  };
}

function describe(event: StageEvent, elapsedMs: number): string {
  const share = event.total > 0 ? event.done / event.total : 0;
  const parts = [event.stage];
  if (event.total > 0) parts.push(`${Math.floor(share * 100)} %`);
  if (event.note !== undefined) parts.push(`(${event.note})`);
  if (share > 0.02 && elapsedMs > 2_000) parts.push(`${formatDuration((elapsedMs * (1 - share)) / share)} left`);
  return parts.join(' ');
}
