/**
 * `zkonnx demo`: the digits example from end to end, with the library calls that users make: compile, set up, prove three images, verify them here, with snarkjs
 * and (in a clone) on an EVM, then alter one and see it refused. Everything it makes stays in memory.
 */
import { readFile } from 'node:fs/promises';
import { compile } from '../../compile.ts';
import { ZkonnxError } from '../../errors.ts';
import { calldata } from '../../evm/calldata.ts';
import { solidityVerifier } from '../../evm/solidity.ts';
import type { Keys } from '../../groth16/keys.ts';
import { inferenceAt, type NamedTensors } from '../../inputs.ts';
import { snarkjsVerify } from '../../interop/snarkjs.ts';
import { prove } from '../../prove.ts';
import { makeProver, type ProverName } from '../../provers.ts';
import { type Receipt, receiptDigest } from '../../receipt/receipt.ts';
import { snarkjsFiles } from '../../receipt/snarkjs.ts';
import { formatDuration } from '../../report/duration.ts';
import { verdictText } from '../../report/verdict.ts';
import { setup } from '../../setup.ts';
import { readNpz } from '../../tensor/npz.ts';
import { verify } from '../../verify.ts';
import type { CliCommand } from '../command.ts';
import { proverName } from '../options.ts';

/** The example lies at the package's root, four folders up in dist/. */
const isClone = import.meta.url.endsWith('.ts');
const examples = new URL(isClone ? '../../../examples/digits/' : '../../../../examples/digits/', import.meta.url);
const shownImages = [0, 3, 7];

/** What the demo uses of examples/digits/evm.ts, whose compiler and EVM only a clone has. */
interface EvmModule {
  compileSolidity(source: string): { readonly initCode: string; readonly codeBytes: number };
  startEvm(): Promise<{
    deploy(initCode: string): Promise<string>;
    call(to: string, data: string): Promise<{ readonly error: string | null; readonly output: string; readonly transactionGas: bigint }>;
  }>;
}

function picture(pixels: ArrayLike<number>): string {
  const shades = ' ░▒▓█';
  const row = (y: number): string =>
    Array.from({ length: 8 }, (_, x) => shades[Math.min(4, Math.floor(pixels[y * 8 + x]! * 5))]!.repeat(2)).join('');
  return Array.from({ length: 8 }, (_, y) => `      ${row(y)}`).join('\n');
}

function indexOfLargest(values: readonly number[]): number {
  return values.indexOf(Math.max(...values));
}

async function onChain(
  keys: Keys,
  circuitDigest: string,
  receipts: readonly Receipt[],
  note: (text: string) => void,
): Promise<object | null> {
  if (!isClone) {
    note('on chain      the EVM part runs from a clone only: it needs a Solidity compiler and an EVM, which the package does not bring');
    return null;
  }
  const { compileSolidity, startEvm } = (await import(new URL('evm.ts', examples).href)) as EvmModule;
  const contract = compileSolidity(solidityVerifier({ verificationKey: keys.verificationKey, circuitDigest, setupKind: keys.setup.kind }));
  const evm = await startEvm();
  const address = await evm.deploy(contract.initCode);
  const accepts = async (receipt: Receipt, signals: readonly string[]): Promise<{ accepted: boolean; gas: bigint }> => {
    const { error, output, transactionGas } = await evm.call(address, calldata(receipt.proof, signals).hex);
    return { accepted: error === null && BigInt(output) === 1n, gas: transactionGas };
  };
  const signals = snarkjsFiles(receipts[0]!)['public.json'];
  const good = await accepts(receipts[0]!, signals);
  const altered = await accepts(
    receipts[0]!,
    signals.map((signal, i) => (i === 1 ? String(BigInt(signal) ^ 1n) : signal)),
  );
  if (!good.accepted || altered.accepted) throw new ZkonnxError('ZK7001', { what: 'the Solidity verifier disagrees with ours' });
  note(
    `on chain      Verifier.sol, ${contract.codeBytes} bytes: accepted with ${good.gas} gas (transaction included); a changed output is rejected`,
  );
  return { codeBytes: contract.codeBytes, gas: Number(good.gas) };
}

interface Options {
  readonly prover?: ProverName;
}

export const demoCommand: CliCommand<Options> = {
  name: 'demo',
  summary: 'the whole path on a small network for handwritten digits, in under a minute',
  example: 'zkonnx demo',
  configure: (command) => command.option('--prover <name>', 'wasm (our own, the default) or snarkjs', proverName),
  async run(session, _, options) {
    const started = performance.now();
    const { runOptions } = session;
    const modelBytes = new Uint8Array(await readFile(new URL('digits.onnx', examples)));
    const images: NamedTensors = Object.fromEntries(readNpz(new Uint8Array(await readFile(new URL('inputs.npz', examples)))));

    const timed = async <T>(work: () => Promise<T>): Promise<[T, string]> => {
      const from = performance.now();
      const result = await work();
      return [result, formatDuration(performance.now() - from)];
    };
    const [compiled, compileTime] = await timed(() => compile(modelBytes, { ...runOptions, name: 'digits' }));
    const { rowCount, publicCount } = compiled.circuit.r1cs;
    session.note(`compile       digits.onnx → ${rowCount} constraints, ${publicCount} public signals   ${compileTime}`);
    const [keys, setupTime] = await timed(() => setup(compiled, { ...runOptions, kind: 'dev' }));
    session.note(`set up        a DEV key: fine for a demo, never for production   ${setupTime}`);

    const prover = makeProver(options.prover);
    const receipts: Receipt[] = [];
    try {
      for (const index of shownImages) {
        const inputs = inferenceAt(compiled.program, images, index);
        const [receipt, proveTime] = await timed(() => prove(compiled, keys, inputs, { ...runOptions, prover }));
        receipts.push(receipt);
        session.note(`\n${picture(inputs.input!.data as Float32Array)}`);
        session.note(`prove         image ${index} is a ${indexOfLargest(receipt.outputs[0]!.values as number[])}   ${proveTime}`);
      }
    } finally {
      await prover.close();
    }

    session.note('');
    for (const receipt of receipts) {
      const verdict = await verify(receipt, { vkeyHash: keys.vkeyHash, model: { circuitDigest: compiled.digests.circuit } });
      const files = snarkjsFiles(receipt);
      const second = await snarkjsVerify({
        verificationKey: files['verification_key.json'],
        signals: files['public.json'],
        proof: files['proof.json'],
      });
      if (!verdict.valid || !second) throw new ZkonnxError('ZK7001', { what: `a fresh receipt was refused: ${verdict.reason}` });
    }
    session.note(`verify        ${receipts.length} receipts accepted by zkonnx and by snarkjs`);
    const chain = await onChain(keys, compiled.digests.circuit, receipts, session.note);

    const [output] = receipts[0]!.outputs;
    const forged = { ...receipts[0]!, outputs: [{ ...output!, values: output!.values!.map((value, i) => (i === 0 ? value ^ 1 : value)) }] };
    // With its digest made anew, as a forger would: the proof itself must refuse.
    const refusal = await verify({ ...forged, digest: receiptDigest(forged) }, { vkeyHash: keys.vkeyHash });
    if (refusal.valid) throw new ZkonnxError('ZK7001', { what: 'an altered receipt was accepted' });
    session.note(`tamper        one output changed by 1: refused (${refusal.reason})\n`);

    const honest = await verify(receipts[0]!, { vkeyHash: keys.vkeyHash, model: { circuitDigest: compiled.digests.circuit } });
    const elapsedMs = Math.round(performance.now() - started);
    session.result(
      {
        constraints: rowCount,
        publicSignals: publicCount,
        proven: receipts.length,
        chain,
        tampered: { valid: refusal.valid, reason: refusal.reason },
        elapsedMs,
      },
      verdictText(honest),
    );
    session.note(`all of it in ${formatDuration(elapsedMs)}`);
    session.next('zkonnx check YOUR-MODEL.onnx');
    return 0;
  },
};
