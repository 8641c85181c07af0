/**
 * The journal of a batch: `journal.jsonl` beside the receipts, one line per finished inference, appended and flushed as it happens. It says which batch the
 * folder belongs to, what is done and what failed and why; the receipts themselves are the truth. No input value is ever written here.
 *
 * Line 1: {"version":1,"circuitDigest":…,"vkeyHash":…,"count":N,"context":…}; then {"index":i,"status":"done","elapsedMs":…} or
 * {"index":i,"status":"failed","code":"ZK…"}. A torn last line (power cut) is ignored: its inference is simply proven again.
 */
import { type FileHandle, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ZkonnxError } from '../errors.ts';

export interface JournalHeader {
  readonly version: 1;
  readonly circuitDigest: string;
  readonly vkeyHash: string;
  readonly count: number;
  readonly context: string | null;
}

export interface JournalLine {
  readonly index: number;
  readonly status: 'done' | 'failed';
  readonly code?: string;
  readonly elapsedMs?: number;
}

export interface Journal {
  append(line: JournalLine): Promise<void>;
  close(): Promise<void>;
}

const fileName = 'journal.jsonl';

async function readHeader(path: string): Promise<unknown> {
  try {
    const text = await readFile(path, 'utf8');
    const end = text.indexOf('\n');
    return end < 0 ? null : JSON.parse(text.slice(0, end));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    if (error instanceof SyntaxError) throw new ZkonnxError('ZK5001', { path, what: 'its first line is not JSON' }, { cause: error });
    throw error;
  }
}

/**
 * Opens the folder's journal, or starts one.
 * @throws ZkonnxError ZK5002 if the folder holds another batch: another circuit, key, count or context.
 */
export async function openJournal(folder: string, header: JournalHeader): Promise<Journal> {
  const path = join(folder, fileName);
  const found = await readHeader(path);
  const wanted = JSON.stringify(header);
  if (found !== null && JSON.stringify(found) !== wanted) {
    throw new ZkonnxError('ZK5002', { path, what: 'the folder holds the receipts of another batch; choose an empty one with --out' });
  }
  const file: FileHandle = await open(path, 'a', 0o644);
  if (found === null) await file.truncate(0);
  const write = async (text: string): Promise<void> => {
    await file.appendFile(`${text}\n`);
    await file.datasync();
  };
  // A torn last line of an earlier run must not swallow ours.
  if (found === null) await write(wanted);
  else await file.appendFile('\n');
  return {
    append: (line) => write(JSON.stringify(line)),
    close: () => file.close(),
  };
}
