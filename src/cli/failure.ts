/** How a command that failed says so: a row of the error table as text or JSON, and its exit code. Never a stack trace unless --debug asks for it. */
import { CommanderError } from 'commander';
import { ZkonnxError } from '../errors.ts';
import { printable } from '../receipt/text.ts';
import { unsupportedTable } from '../report/unsupported.ts';

/** Whatever was thrown, as a row of the error table. After Ctrl-C it counts as the interruption, whatever broke on the way out. */
export function asZkonnxError(thrown: unknown, commandName: string, interrupted: boolean): ZkonnxError {
  if (interrupted && !(thrown instanceof ZkonnxError && thrown.code === 'ZK1006')) {
    return new ZkonnxError('ZK1006', { stage: commandName }, { cause: thrown });
  }
  if (thrown instanceof ZkonnxError) return thrown;
  if (thrown instanceof CommanderError) {
    const what = thrown.message.replace(/^error: /, '');
    return new ZkonnxError('ZK1001', { what, hint: `zkonnx ${commandName} --help`.replace('  ', ' ') }, { cause: thrown });
  }
  const { code, path, message } = thrown as { code?: unknown; path?: unknown; message?: unknown };
  if (code === 'ENOENT' && typeof path === 'string') return new ZkonnxError('ZK1002', { path }, { cause: thrown });
  return new ZkonnxError('ZK7001', { what: typeof message === 'string' ? message : String(thrown) }, { cause: thrown });
}

/** `{error: {code, message, hint, details}}`: the one JSON document on stdout when --json was given. */
export function failureJson(error: ZkonnxError, place: string | null): object {
  return {
    error: {
      code: error.code,
      exit: error.exit,
      message: error.message,
      hint: error.hint,
      ...(place !== null && error.code.startsWith('ZK41') ? { place } : {}),
      ...(error.details === undefined ? {} : { details: error.details }),
    },
  };
}

/** Text for stderr. */
export function failureText(error: ZkonnxError, place: string | null, debug: boolean): string {
  const where = place !== null && error.code.startsWith('ZK41') ? ` (${place})` : '';
  const table = error.code.startsWith('ZK30') ? unsupportedTable(error.details) : null;
  const model = table !== null && place !== null ? `${place}: ` : '';
  const lines = [
    `${error.code} ${safe(`${model}${error.message}`)}${where}`,
    table ?? `  ${safe(error.hint)}`,
    `  docs/errors.md#${error.code}`,
  ];
  if (table !== null) lines.push('Nothing was written.');
  if (debug) {
    lines.push(error.stack ?? '');
    for (let cause = error.cause; cause instanceof Error; cause = cause.cause) lines.push(`caused by ${cause.stack}`);
  }
  return `${lines.join('\n')}\n`;
}

/** Messages quote names from the user's files: none of them moves the cursor. */
function safe(text: string): string {
  return text
    .split('\n')
    .map((line) => printable(line, 2_000))
    .join('\n');
}
