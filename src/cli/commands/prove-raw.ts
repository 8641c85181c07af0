/**
 * `zkonnx prove --zkey K --witness W`: the prover by itself, on any snarkjs groth16 key and witness: proof.json and public.json as snarkjs writes them. With `--r1cs` the witness is checked against every
 * row first; a proof is verified with the key's own verification key before it is written, in any case.
 */
import { availableParallelism } from 'node:os';
import { ZkonnxError } from '../../errors.ts';
import { encodeJson } from '../../groth16/json.ts';
import type { ProofWithSignals } from '../../groth16/prover.ts';
import { makeProver, type ProverName } from '../../provers.ts';
import { decodeR1cs } from '../../r1cs/format.ts';
import { formatDuration } from '../../report/duration.ts';
import { formatBytes } from '../../report/table.ts';
import { writeFileAtomic } from '../../store/atomic.ts';
import { decodeWtns, readWtnsHeader } from '../../witness/format.ts';
import { rowHolds } from '../../witness/row.ts';
import { isFile } from '../choose.ts';
import type { Session } from '../session.ts';
import { readUserFile } from '../user-file.ts';

export interface RawOptions {
  readonly zkey?: string;
  readonly witness?: string;
  readonly r1cs?: string;
  readonly public?: string;
  readonly repeat?: number;
  readonly threads?: number;
  readonly out?: string;
  readonly prover?: ProverName;
}

/** Milliseconds of one proof, in all and by phase. */
interface Timing {
  readonly ms: number;
  readonly phases: ReadonlyMap<string, number>;
}

export async function proveRaw(session: Session, options: RawOptions): Promise<0> {
  const { zkey, witness, out, repeat = 1, threads = availableParallelism() } = options;
  if (zkey === undefined || witness === undefined || out === undefined) {
    const missing = [zkey === undefined ? '--zkey' : '', witness === undefined ? '--witness' : '', out === undefined ? '--out' : ''].filter(
      (name) => name !== '',
    );
    throw new ZkonnxError('ZK1001', {
      what: `a proof from a key and a witness needs ${missing.join(' and ')}`,
      hint: 'zkonnx prove --zkey circuit.zkey --witness witness.wtns --out proof.json --public public.json',
    });
  }
  if (!(await isFile(zkey))) throw new ZkonnxError('ZK1002', { path: zkey });
  const wtns = await readUserFile(witness);
  readWtnsHeader(wtns, witness);
  if (options.r1cs !== undefined) await checkRows(session, options.r1cs, wtns, witness);
  const prover = makeProver(options.prover, { threads });
  const timings: Timing[] = [];
  let made: ProofWithSignals | undefined;
  try {
    for (let k = 0; k < repeat; k++) {
      const clock = phaseClock(session);
      made = await prover.prove({ path: zkey }, wtns, { signal: session.runOptions.signal, onEvent: clock.onEvent });
      timings.push(clock.stop());
    }
  } finally {
    await prover.close();
  }
  const { proof, publicSignals } = made!;
  await writeFileAtomic(out, encodeJson(proof), session.runOptions);
  if (options.public !== undefined) await writeFileAtomic(options.public, encodeJson(publicSignals), session.runOptions);
  const peakBytes = process.resourceUsage().maxRSS * 1024;
  const [first, ...rest] = timings.map(({ ms }) => ms) as [number, ...number[]];
  const next = rest.length === 0 ? null : median(rest);
  session.result(
    {
      out,
      public: options.public ?? null,
      prover: options.prover ?? 'wasm',
      threads,
      repeat,
      publicSignals: publicSignals.length,
      /** Whether the witness was held against an r1cs; the proof was verified either way. */
      witnessChecked: options.r1cs !== undefined,
      ms: { first, next, each: [first, ...rest] },
      phases: Object.fromEntries(phaseMedians(timings)),
      peakMemoryBytes: peakBytes,
    },
    `${out}   proof verified · first ${formatDuration(first)}${next === null ? '' : ` · next ${formatDuration(next)}`} · ${threads} threads · ${formatBytes(peakBytes)}`,
  );
  if (options.public !== undefined) session.next(`snarkjs groth16 verify verification_key.json ${options.public} ${out}`);
  return 0;
}

/** @throws ZkonnxError ZK5002 (of another circuit), ZK6005 (a row that does not hold), ZK5004. */
async function checkRows(session: Session, path: string, wtns: Uint8Array, witnessPath: string): Promise<void> {
  const r1cs = decodeR1cs(await readUserFile(path), path);
  const witness = decodeWtns(wtns, witnessPath);
  if (witness.small.length !== r1cs.wireCount) {
    throw new ZkonnxError('ZK5002', { path: witnessPath, what: `it has ${witness.small.length} wires, ${path} has ${r1cs.wireCount}` });
  }
  for (let row = 0; row < r1cs.rowCount; row++) {
    if ((row & 0xffff) === 0) session.runOptions.onEvent({ stage: 'check', done: row, total: r1cs.rowCount });
    if (!rowHolds(r1cs, row, witness)) throw new ZkonnxError('ZK6005', { path: witnessPath, row, r1cs: path });
  }
}

/** Time from one phase of the prover to the next, as its events tell. */
function phaseClock({ runOptions }: Session) {
  const phases = new Map<string, number>();
  const started = performance.now();
  let [phase, since] = ['load', started];
  const turn = (next: string): void => {
    const now = performance.now();
    phases.set(phase, (phases.get(phase) ?? 0) + now - since);
    [phase, since] = [next, now];
  };
  return {
    onEvent: (event: Parameters<typeof runOptions.onEvent>[0]): void => {
      const name = event.note ?? event.stage;
      if (name !== phase) turn(name);
      runOptions.onEvent(event);
    },
    stop: (): Timing => {
      turn('');
      return { ms: performance.now() - started, phases };
    },
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((x, y) => x - y);
  return sorted[sorted.length >> 1]!;
}

function phaseMedians(timings: readonly Timing[]): [string, number][] {
  const names = new Set(timings.flatMap(({ phases }) => [...phases.keys()]));
  return [...names].map((name) => [name, median(timings.map(({ phases }) => phases.get(name) ?? 0))]);
}
