/**
 * snarkjs' prover behind our `Prover` interface: loaded when first used, given only keys and witness files that our bounded readers have passed, its proof
 * verified by us, its threads ended on `close()`.
 *
 * snarkjs keeps its worker threads in one global (`globalThis.curve_bn128`), so work with threads is done one proof at a time per process, whatever prover object
 * it is asked of. A single-threaded prover (for pool workers) has no threads and no such limit, but blocks its thread while it works.
 */
import { createRequire } from 'node:module';
import { throwIfAborted, ZkonnxError } from '../errors.ts';
import type { RunOptions } from '../events.ts';
import type { Keys, Proof } from '../groth16/keys.ts';
import type { ProofWithSignals, Prover } from '../groth16/prover.ts';
import { lintKey, verifyProof } from '../groth16/verify.ts';
import { readZkeyHeader, type ZkeyHeader } from '../groth16/zkey.ts';
import { decodeWtns } from '../witness/format.ts';

export interface SnarkjsProverOptions {
  /** No worker threads of snarkjs' own: for use in a worker of ours. Slower by the number of cores. */
  readonly singleThread?: boolean | undefined;
}

/** The part of ffjavascript's global curve that we need. */
interface GlobalCurve {
  readonly tm: { readonly workers?: readonly { terminate(): unknown }[] };
}

const globals = globalThis as { curve_bn128?: GlobalCurve | null };

/** Serialises use of snarkjs' global threads; the global belongs to the process, hence so does this. */
let threads: Promise<unknown> = Promise.resolve();

function withThreads<T>(work: () => Promise<T>): Promise<T> {
  const result = threads.then(work, work);
  threads = result.catch(() => undefined);
  return result;
}

/** At once, also in the middle of work: what was waiting for the threads then waits for ever. */
async function killThreads(): Promise<void> {
  const curve = globals.curve_bn128;
  globals.curve_bn128 = null;
  await Promise.all((curve?.tm.workers ?? []).map((worker) => worker.terminate()));
}

/** snarkjs' log lines as progress; an abort is heard between its stages because its logger may throw. */
function stageLogger(options: RunOptions) {
  const line = (message: string): void => {
    throwIfAborted(options.signal, 'proof');
    options.onEvent?.({ stage: 'proof', done: 0, total: 0, note: message });
  };
  return { debug: line, info: line, warn: line, error: line };
}

/**
 * snarkjs' curve library loads the package web-worker, which takes every worker thread for one of its own and reads a `workerData` that is not there. In a pool worker it is
 * shown a main thread while it loads; the single-threaded prover then starts no thread of it.
 */
async function loadSnarkjs(): Promise<typeof import('snarkjs')> {
  const threads = createRequire(import.meta.url)('node:worker_threads') as typeof import('node:worker_threads');
  const own = Object.getOwnPropertyDescriptor(threads, 'isMainThread')!;
  if (threads.isMainThread) return import('snarkjs');
  Object.defineProperty(threads, 'isMainThread', { ...own, value: true });
  try {
    return await import('snarkjs');
  } finally {
    Object.defineProperty(threads, 'isMainThread', own);
  }
}

/** Rejects when the signal fires, whatever `work` is doing. */
async function abortable<T>(work: Promise<T>, options: RunOptions): Promise<T> {
  const { signal } = options;
  if (signal === undefined) return work;
  let onAbort = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(new ZkonnxError('ZK1006', { stage: 'proof' }, { cause: signal.reason }));
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** Reads all of it: snarkjs itself proves from a damaged or half-length file without a word. */
function checkWitnessFile(header: ZkeyHeader, wtns: Uint8Array): void {
  const wireCount = decodeWtns(wtns).small.length;
  if (wireCount !== header.wireCount) {
    throw new ZkonnxError('ZK5002', { path: 'the witness', what: `it has ${wireCount} wires, the key's circuit has ${header.wireCount}` });
  }
}

/** snarkjs takes `.buffer` of what it is given: Node's pooled Buffers must not reach it. */
function plainBytes(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export function snarkjsProver({ singleThread = false }: SnarkjsProverOptions = {}): Prover {
  /** Keys already read and linted, as long as their callers hold them. */
  const known = new WeakMap<object, ZkeyHeader>();

  async function headerOf(zkey: Keys['zkey']): Promise<ZkeyHeader> {
    const seen = known.get(zkey);
    if (seen !== undefined) return seen;
    const header = await readZkeyHeader(zkey);
    const fault = lintKey(header.verificationKey);
    if (fault !== null)
      throw new ZkonnxError('ZK5004', { format: '.zkey', file: zkey instanceof Uint8Array ? '(in memory)' : zkey.path, what: fault });
    known.set(zkey, header);
    return header;
  }

  async function run(zkey: Keys['zkey'], wtns: Uint8Array, options: RunOptions): Promise<{ proof: unknown; publicSignals: string[] }> {
    const { groth16 } = await loadSnarkjs();
    // Nothing is awaited between this and the listener in `abortable`: an abort is either seen here or heard there.
    throwIfAborted(options.signal, 'proof');
    const key = zkey instanceof Uint8Array ? plainBytes(zkey) : zkey.path;
    const work = groth16.prove(key, plainBytes(wtns), stageLogger(options), { singleThread });
    try {
      return await abortable(work, options);
    } catch (error) {
      // Aborted or failed: what the threads still do is of no use, and they are not to be trusted with the next proof.
      if (!singleThread) await killThreads();
      if (error instanceof ZkonnxError) throw error;
      throw new ZkonnxError('ZK7001', { what: `snarkjs: ${error instanceof Error ? error.message : String(error)}` }, { cause: error });
    }
  }

  return {
    async prove(zkey, wtns, options = {}): Promise<ProofWithSignals> {
      throwIfAborted(options.signal, 'proof');
      const header = await headerOf(zkey);
      checkWitnessFile(header, wtns);
      const { proof, publicSignals } = await (singleThread ? run(zkey, wtns, options) : withThreads(() => run(zkey, wtns, options)));
      const verdict = verifyProof(header.verificationKey, publicSignals, proof);
      if (!verdict.valid) throw new ZkonnxError('ZK6002', {}, { details: verdict.reason });
      return { proof: proof as Proof, publicSignals };
    },
    async close(): Promise<void> {
      if (!singleThread) await withThreads(killThreads);
    },
  };
}

/** `snarkjs groth16 verify` on our files: a second opinion. Its threads are ended before the answer is given. */
export async function snarkjsVerify(files: {
  readonly verificationKey: unknown;
  readonly signals: readonly string[];
  readonly proof: unknown;
}): Promise<boolean> {
  return withThreads(async () => {
    const { groth16 } = await loadSnarkjs();
    try {
      return await groth16.verify(files.verificationKey, files.signals, files.proof);
    } finally {
      await killThreads();
    }
  });
}
