/**
 * `zkonnx …`: parses the command line, runs one command, ends with its exit code. Owns the process: signals, streams, exit code; nothing below it does.
 * stdout is data, stderr is talk. The process ends by itself when the work is done; only a second Ctrl-C ends it by force.
 */
import { Command, CommanderError } from 'commander';
import { ZkonnxError } from '../errors.ts';
import { version } from '../version.ts';
import type { CliCommand } from './command.ts';
import { commands } from './commands.ts';
import { asZkonnxError, failureJson, failureText } from './failure.ts';
import { openSession, type SessionIo } from './session.ts';

const about = `Proves that a quantized ONNX model gave this output, with Groth16 on BN254.

The usual path:
  zkonnx check model.onnx                  can it be proven, and at what cost?
  zkonnx compile model.onnx                artifacts/<name>-<digest>
  zkonnx setup --dev                       keys for trying out; never for production
  zkonnx prove --inputs x.npz --out r.json
  zkonnx verify r.json --model model.onnx --allow-dev-setup`;

const exitCodes = `
Exit codes: 0 ok · 1 a truthful "no" · 2 usage · 3 unsupported model · 4 input out of range · 5 artifact damaged or mismatched · 70 our bug · 130 interrupted
Without DIR a command takes the only folder under artifacts/. Results are on stdout, talk on stderr; docs/cli.md has it all.`;

export async function main(argv: readonly string[]): Promise<void> {
  const json = argv.includes('--json');
  const debug = argv.includes('--debug');
  const io = processIo();
  const abort = abortOnSignals();
  const session = openSession(io, { json, signal: abort.signal });
  let running = '';
  let exitCode: number = 0;

  const program = new Command('zkonnx')
    .description(about)
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'help for a command, with an example')
    .addHelpText('after', exitCodes)
    .exitOverride()
    .configureOutput({ writeOut: io.out, writeErr: () => {} });

  try {
    for (const command of await loadCommands(argv[0])) {
      const child = program
        .command(command.name)
        .summary(command.summary)
        .description(command.summary)
        .option('--json', 'one JSON document on stdout, one JSON event per line on stderr')
        .option('--debug', 'stack traces')
        .addHelpText('after', `\nExample:\n  ${command.example.replaceAll('\n', '\n  ')}`)
        .action(async (...given: unknown[]) => {
          running = command.name;
          const [options] = given.slice(-2);
          exitCode = await command.run(session, given.slice(0, -2) as (string | undefined)[], options as never);
        });
      command.configure(child);
    }
    if (argv.length === 0) program.help({ error: true });
    await program.parseAsync(argv as string[], { from: 'user' });
  } catch (thrown) {
    if (thrown instanceof CommanderError && thrown.exitCode === 0) return abort.release();
    const name = running || (Object.hasOwn(commands, argv[0] ?? '') ? argv[0]! : '');
    const error =
      thrown instanceof CommanderError && thrown.code === 'commander.help'
        ? new ZkonnxError('ZK1001', { what: 'no command given', hint: 'zkonnx --help' })
        : asZkonnxError(thrown, name, abort.signal.aborted);
    session.close(false);
    if (json) io.out(`${JSON.stringify(failureJson(error, session.place), null, 2)}\n`);
    else io.sink.write(failureText(error, session.place, debug));
    exitCode = error.exit;
  }
  session.close(false);
  abort.release();
  process.exitCode = exitCode;
}

/** The one that is asked for, none for `--version`, or all of them for the list of `--help`. */
async function loadCommands(name: string | undefined): Promise<CliCommand<never>[]> {
  if (name === '-V' || name === '--version') return [];
  const load = name !== undefined && Object.hasOwn(commands, name) ? commands[name] : undefined;
  return Promise.all(load === undefined ? Object.values(commands).map((each) => each()) : [load()]);
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
