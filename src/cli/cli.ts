/**
 * The command line as a function: words in, two streams and an exit code out. Parses, runs one command, turns whatever is thrown into a row of the error table. Knows no
 * process; main.ts lends it one.
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

/** Never rejects; answers the exit code. `signal` is Ctrl-C. */
export async function runCli(argv: readonly string[], io: SessionIo, signal: AbortSignal): Promise<number> {
  const json = argv.includes('--json');
  const debug = argv.includes('--debug');
  const session = openSession(io, { json, signal });
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
    if (thrown instanceof CommanderError && thrown.exitCode === 0) return 0;
    const name = running || (Object.hasOwn(commands, argv[0] ?? '') ? argv[0]! : '');
    const error =
      thrown instanceof CommanderError && thrown.code === 'commander.help'
        ? new ZkonnxError('ZK1001', { what: 'no command given', hint: 'zkonnx --help' })
        : asZkonnxError(thrown, name, signal.aborted);
    session.close(false);
    if (json) io.out(`${JSON.stringify(failureJson(error, session.place), null, 2)}\n`);
    else io.sink.write(failureText(error, session.place, debug));
    exitCode = error.exit;
  }
  session.close(false);
  return exitCode;
}

/** The one that is asked for, none for `--version`, or all of them for the list of `--help`. */
async function loadCommands(name: string | undefined): Promise<CliCommand<never>[]> {
  if (name === '-V' || name === '--version') return [];
  const load = name !== undefined && Object.hasOwn(commands, name) ? commands[name] : undefined;
  return Promise.all(load === undefined ? Object.values(commands).map((each) => each()) : [load()]);
}
