/** The commands, in the order of `zkonnx --help`: adding one is one file in commands/ and one line here. */
import type { CliCommand } from './command.ts';
import { batchCommand } from './commands/batch.ts';
import { checkCommand } from './commands/check.ts';
import { compileCommand } from './commands/compile.ts';
import { demoCommand } from './commands/demo.ts';
import { doctorCommand } from './commands/doctor.ts';
import { exportCommand } from './commands/export.ts';
import { inspectCommand } from './commands/inspect.ts';
import { proveCommand } from './commands/prove.ts';
import { runCommand } from './commands/run.ts';
import { serveCommand } from './commands/serve.ts';
import { setupCommand } from './commands/setup.ts';
import { verifyCommand } from './commands/verify.ts';
import { witnessCommand } from './commands/witness.ts';

export const commands: readonly CliCommand<never>[] = [
  checkCommand,
  compileCommand,
  inspectCommand,
  runCommand,
  setupCommand,
  witnessCommand,
  proveCommand,
  verifyCommand,
  batchCommand,
  serveCommand,
  exportCommand,
  demoCommand,
  doctorCommand,
];
