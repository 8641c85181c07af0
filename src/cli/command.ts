/**
 * What one command of the CLI is: a file in commands/ exports one of these, and a line in commands.ts lists it. Every command also has `--json`, `--debug` and
 * `--help` with its example; main.ts adds them.
 */
import type { Command } from 'commander';
import type { Session } from './session.ts';

export interface CliCommand<Options extends object = Record<never, never>> {
  readonly name: string;
  /** One line for `zkonnx --help`. */
  readonly summary: string;
  /** A whole command line that works, for `--help`. */
  readonly example: string;
  /** Adds arguments and options. */
  readonly configure: (command: Command) => void;
  /** Does the work; `args` as declared in `configure`. Answers the exit code (0; 1 for a truthful "no"; 10: undecided) and throws ZkonnxError for all others. */
  readonly run: (session: Session, args: readonly (string | undefined)[], options: Options) => Promise<0 | 1 | 10>;
}
