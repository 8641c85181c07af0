/** The CLI as scripts see it: arguments in, an exit code and two streams out; as a process, or within this one. */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { runCli } from '../../src/cli/cli.ts';
import type { SessionIo } from '../../src/cli/session.ts';

const bin = fileURLToPath(new URL('../../bin/zkonnx.js', import.meta.url));

export interface CliResult {
  /** null where a signal ended the process. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Called with all of stderr so far whenever it grows: to interrupt at a known moment. */
  readonly onStderr?: (text: string, child: ChildProcess) => void;
  /** The same of stdout: for a server that says where it listens. */
  readonly onStdout?: (text: string, child: ChildProcess) => void;
}

/** Runs `zkonnx …args`; the process must end by itself within two minutes. */
export function zkonnx(args: readonly string[], options: CliOptions): Promise<CliResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [bin, ...args], {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      options.onStdout?.(stdout, child);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      options.onStderr?.(stderr, child);
    });
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`zkonnx ${args.join(' ')} did not end by itself\n${stdout}\n${stderr}`));
    }, 120_000);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, stdout, stderr });
    });
  });
}

/** The same command line without a process of its own: quick, for what is about words and files. Changes the working directory of this test's process. */
export async function zkonnxHere(args: readonly string[], cwd: string): Promise<CliResult> {
  const before = process.cwd();
  process.chdir(cwd);
  let stdout = '';
  let stderr = '';
  const io: SessionIo = {
    out: (text) => {
      stdout += text;
    },
    sink: {
      write: (text) => {
        stderr += text;
      },
      isTerminal: false,
      columns: 80,
      now: () => performance.now(),
    },
  };
  try {
    const code = await runCli(args, io, new AbortController().signal);
    return { code, signal: null, stdout, stderr };
  } finally {
    process.chdir(before);
  }
}
