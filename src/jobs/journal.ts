/**
 * The journal of a batch: `journal.jsonl` beside the receipts, one line per finished inference, appended and flushed as it happens. It says which batch the
 * folder belongs to, what is done and what failed and why.
 *
 * Line 1: {"version":1,"circuitDigest":…,"vkeyHash":…,"context":…,"key":…}; then {"index":i,"status":"done","input":…,"elapsedMs":…} or
 * {"index":i,"status":"failed","code":"ZK…"}. `input` is HMAC-SHA-256 of that inference's arrays under the journal's own key: it notices other inputs in a second
 * run. No input value is written, but whoever reads the journal can check a guess of one: it is the operator's own (mode 0600), not to be published with the
 * receipts. A torn last line (power cut) is ignored: its inference is simply proven again.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ZkonnxError } from '../errors.ts';
import { requirePlainFile } from '../groth16/byte-source.ts';
import type { NamedTensors } from '../inputs.ts';

export interface JournalHeader {
  readonly version: 1;
  readonly circuitDigest: string;
  readonly vkeyHash: string;
  readonly context: string | null;
}

export type JournalLine =
  | { readonly index: number; readonly status: 'done'; readonly input: string; readonly elapsedMs: number }
  | { readonly index: number; readonly status: 'failed'; readonly code: string };

export interface Journal {
  /** Keyed digest of one inference's arrays. */
  digest(inputs: NamedTensors): string;
  /** `digest` of the inputs that inference `index` was last proven with; undefined if it never was. */
  provenInput(index: number): string | undefined;
  append(line: JournalLine): Promise<void>;
  close(): Promise<void>;
}

const fileName = 'journal.jsonl';

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

async function readLines(path: string): Promise<readonly string[]> {
  try {
    await requirePlainFile(path);
    return (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '');
  } catch (error) {
    if (error instanceof ZkonnxError && error.code === 'ZK1002') return [];
    throw error;
  }
}

/**
 * Opens the folder's journal, or starts one.
 * @throws ZkonnxError ZK5002 if the folder holds another batch: another circuit, key or context; ZK5001 if the journal's first line is damaged.
 */
export async function openJournal(folder: string, header: JournalHeader): Promise<Journal> {
  const path = join(folder, fileName);
  const [first, ...rest] = await readLines(path);
  let key = randomBytes(32).toString('hex');
  if (first !== undefined) {
    const found = parseLine(first) as (JournalHeader & { readonly key: string }) | null;
    if (found === null || typeof found !== 'object' || typeof found.key !== 'string' || !/^[0-9a-f]{64}$/.test(found.key)) {
      throw new ZkonnxError('ZK5001', { path, what: 'its first line is not that of a journal' });
    }
    key = found.key;
    if (first !== JSON.stringify({ ...header, key })) {
      throw new ZkonnxError('ZK5002', { path, what: 'the folder holds the receipts of another batch; choose an empty one with --out' });
    }
  }
  const provenInputs = new Map<number, string>();
  for (const text of rest) {
    const line = parseLine(text) as JournalLine | null;
    if (line?.status === 'done') provenInputs.set(line.index, line.input);
  }

  const file = await open(path, 'a', 0o600);
  const write = async (text: string): Promise<void> => {
    await file.appendFile(text);
    await file.datasync();
  };
  // A torn last line of an earlier run must not swallow ours.
  await write(first === undefined ? `${JSON.stringify({ ...header, key })}\n` : '\n');
  return {
    digest(inputs) {
      const hmac = createHmac('sha256', Buffer.from(key, 'hex'));
      for (const name of Object.keys(inputs).sort()) {
        const { dtype, dims, data } = inputs[name]!;
        hmac.update(JSON.stringify([name, dtype, dims]));
        hmac.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
      }
      return hmac.digest('hex');
    },
    provenInput: (index) => provenInputs.get(index),
    append: (line) => write(`${JSON.stringify(line)}\n`),
    close: () => file.close(),
  };
}
