/**
 * The commands, in the order of `zkonnx --help`: adding one is one file in commands/ and one line here. Each is loaded only when it is asked for: `verify` waits for
 * no HTTP server.
 */
import type { CliCommand } from './command.ts';

export const commands: Readonly<Record<string, () => Promise<CliCommand<never>>>> = {
  check: async () => (await import('./commands/check.ts')).checkCommand,
  compile: async () => (await import('./commands/compile.ts')).compileCommand,
  inspect: async () => (await import('./commands/inspect.ts')).inspectCommand,
  audit: async () => (await import('./commands/audit.ts')).auditCommand,
  run: async () => (await import('./commands/run.ts')).runCommand,
  setup: async () => (await import('./commands/setup.ts')).setupCommand,
  ceremony: async () => (await import('./commands/ceremony.ts')).ceremonyCommand,
  witness: async () => (await import('./commands/witness.ts')).witnessCommand,
  prove: async () => (await import('./commands/prove.ts')).proveCommand,
  verify: async () => (await import('./commands/verify.ts')).verifyCommand,
  batch: async () => (await import('./commands/batch.ts')).batchCommand,
  serve: async () => (await import('./commands/serve.ts')).serveCommand,
  export: async () => (await import('./commands/export.ts')).exportCommand,
  demo: async () => (await import('./commands/demo.ts')).demoCommand,
  doctor: async () => (await import('./commands/doctor.ts')).doctorCommand,
};
