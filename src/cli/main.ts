/** `zkonnx …` in a process: owns signals, streams and the exit code; nothing below it does. The process ends by itself when the work is done. */
import { runCli } from './cli.ts';
import type { SessionIo } from './session.ts';

export async function main(argv: readonly string[]): Promise<void> {
  const interrupt = abortOnSignals();
  process.exitCode = await runCli(argv, processIo(), interrupt.signal);
  interrupt.release();
}

function processIo(): SessionIo {
  // A reader that closes the pipe early (`| head`) is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  return {
    out: (text) => process.stdout.write(text),
    sink: {
      write: (text) => process.stderr.write(text),
      isTerminal: process.stderr.isTTY === true && process.env.TERM !== 'dumb',
      columns: process.stderr.columns ?? 80,
      now: () => performance.now(),
    },
  };
}

/** First Ctrl-C (or SIGTERM): the work is asked to stop and clean up. Second: the process ends at once. */
function abortOnSignals(): { readonly signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort(new Error('interrupted'));
  };
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const name of signals) process.on(name, onSignal);
  return {
    signal: controller.signal,
    release: () => {
      for (const name of signals) process.off(name, onSignal);
    },
  };
}
