/** `zkonnx doctor`: is this machine fit for proving? Exit 0 if nothing is in the way, 1 if something is. */
import { access, constants, statfs } from 'node:fs/promises';
import { availableParallelism, freemem, totalmem } from 'node:os';
import { dirname, resolve } from 'node:path';
import { assembleCircuit } from '../../compile.ts';
import { prove } from '../../prove.ts';
import { formatBytes } from '../../report/table.ts';
import { setup } from '../../setup.ts';
import { verify } from '../../verify.ts';
import { version } from '../../version.ts';
import { artifactsFolder, isFolder } from '../choose.ts';
import type { CliCommand } from '../command.ts';
import { selfTestProgram } from '../self-test.ts';
import type { Session } from '../session.ts';

interface Finding {
  readonly name: string;
  readonly status: 'ok' | 'warning' | 'bad';
  readonly detail: string;
}

/** LeNet-5's proving key with room to work; smaller networks need far less. */
const comfortable = { memoryBytes: 2e9, diskBytes: 1e9 };

export const doctorCommand: CliCommand = {
  name: 'doctor',
  summary: 'is this machine fit for proving? exit 0 yes, 1 no',
  example: 'zkonnx doctor',
  configure: () => {},
  async run(session) {
    const findings = [nodeVersion(), cores(), memory(), wasmSimd(), await folder(), await disk(), await selfTest(session)];
    const bad = findings.filter(({ status }) => status === 'bad');
    const marks = { ok: 'ok', warning: 'note', bad: 'BAD' };
    session.result(
      { ok: bad.length === 0, version, findings },
      findings.map(({ name, status, detail }) => `  ${marks[status].padEnd(6)} ${name.padEnd(12)} ${detail}`).join('\n'),
    );
    return bad.length === 0 ? 0 : 1;
  },
};

function nodeVersion(): Finding {
  return { name: 'Node', status: 'ok', detail: `${process.version}, ${process.platform} ${process.arch}; zkonnx ${version}` };
}

function cores(): Finding {
  const count = availableParallelism();
  return { name: 'cores', status: count > 1 ? 'ok' : 'warning', detail: count > 1 ? `${count}` : '1: proofs and batches will be slow' };
}

function memory(): Finding {
  const total = totalmem();
  const detail = `${formatBytes(total)}, ${formatBytes(freemem())} free`;
  return { name: 'memory', status: total >= comfortable.memoryBytes ? 'ok' : 'warning', detail };
}

/** A module whose only function uses v128: `() => i32x4.extract_lane 0 (v128.const 0)`. */
const simdModule = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 127, 3, 2, 1, 0, 10, 25, 1, 23, 0, 0xfd, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 0xfd, 27, 0, 11,
]);

function wasmSimd(): Finding {
  const simd = WebAssembly.validate(simdModule);
  return { name: 'WebAssembly', status: simd ? 'ok' : 'warning', detail: simd ? 'with SIMD' : 'without SIMD: slower' };
}

async function folder(): Promise<Finding> {
  const path = resolve(artifactsFolder);
  const existing = (await isFolder(path)) ? path : dirname(path);
  try {
    await access(existing, constants.W_OK);
    return { name: 'artifacts', status: 'ok', detail: existing === path ? `${path} is writable` : `${path} can be made` };
  } catch {
    return { name: 'artifacts', status: 'bad', detail: `${existing} is not writable: work elsewhere, or give --out` };
  }
}

async function disk(): Promise<Finding> {
  const { bavail, bsize } = await statfs('.');
  const free = bavail * bsize;
  return { name: 'disk', status: free >= comfortable.diskBytes ? 'ok' : 'warning', detail: `${formatBytes(free)} free here` };
}

/** Compiles, sets up, proves and verifies a program of two elements: every dependency has been loaded and used then. */
async function selfTest(session: Session): Promise<Finding> {
  const started = performance.now();
  try {
    const compiled = await assembleCircuit(selfTestProgram, { name: 'self-test', sha256: '0'.repeat(64) }, session.runOptions);
    const keys = await setup(compiled, { kind: 'dev', ...session.runOptions });
    const receipt = await prove(compiled, keys, { x: { dtype: 'uint8', dims: [1, 2], data: Uint8Array.of(7, 9) } }, session.runOptions);
    const { valid, reason } = await verify(receipt, { vkeyHash: keys.vkeyHash });
    const detail = valid ? `a small proof made and verified in ${Math.round(performance.now() - started)} ms` : reason;
    return { name: 'self-test', status: valid ? 'ok' : 'bad', detail };
  } catch (error) {
    session.runOptions.signal.throwIfAborted();
    return { name: 'self-test', status: 'bad', detail: error instanceof Error ? error.message : String(error) };
  }
}
