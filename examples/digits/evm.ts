/**
 * A Solidity compiler and an EVM in this process: compile, deploy, call, with gas. For the demo and the tests, from a clone: both are development
 * dependencies, nothing in src needs them.
 *
 *   const evm = await startEvm();
 *   const address = await evm.deploy(compileSolidity(solidityVerifier({ … })).initCode);
 *   const { output, gasUsed } = await evm.call(address, calldata(proof, signals).hex);
 */
import { Common, Hardfork, Mainnet } from '@ethereumjs/common';
import { createEVM, type EVMOpts } from '@ethereumjs/evm';
import { Account, bytesToHex, createAddressFromString, hexToBytes } from '@ethereumjs/util';
import solc from 'solc';

export interface CompiledContract {
  readonly name: string;
  /** What a deployment transaction carries, 0x-hex. */
  readonly initCode: string;
  /** Bytes of code that stay on chain; EIP-170 allows 24,576. */
  readonly codeBytes: number;
  readonly abi: readonly unknown[];
  readonly warnings: readonly string[];
}

export interface CompileSettings {
  /** solc's optimizer: off, or on and weighed for this many runs. Default 200. */
  readonly optimizerRuns?: number | 'off';
  readonly viaIR?: boolean;
}

/** The one contract of a source text, by the solc of the development dependencies. Throws with solc's own messages. */
export function compileSolidity(source: string, settings: CompileSettings = {}): CompiledContract {
  const { optimizerRuns = 200, viaIR = false } = settings;
  const input = {
    language: 'Solidity',
    sources: { 'Verifier.sol': { content: source } },
    settings: {
      optimizer: optimizerRuns === 'off' ? { enabled: false } : { enabled: true, runs: optimizerRuns },
      viaIR,
      outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object', 'evm.deployedBytecode.object'] } },
    },
  };
  interface Message {
    readonly severity: string;
    readonly formattedMessage: string;
  }
  interface Artifact {
    readonly abi: unknown[];
    readonly evm: { readonly bytecode: { readonly object: string }; readonly deployedBytecode: { readonly object: string } };
  }
  const output = JSON.parse(solc.compile(JSON.stringify(input))) as {
    readonly errors?: readonly Message[];
    readonly contracts?: Readonly<Record<string, Readonly<Record<string, Artifact>>>>;
  };
  const messages = output.errors ?? [];
  const errors = messages.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new Error(errors.map(({ formattedMessage }) => formattedMessage).join('\n'));
  const contracts = Object.entries(output.contracts?.['Verifier.sol'] ?? {}).filter(([, { evm }]) => evm.bytecode.object !== '');
  if (contracts.length !== 1) throw new Error(`${contracts.length} contracts with code in the source`);
  const [name, artifact] = contracts[0]!;
  return {
    name,
    initCode: `0x${artifact.evm.bytecode.object}`,
    codeBytes: artifact.evm.deployedBytecode.object.length / 2,
    abi: artifact.abi,
    warnings: messages.map(({ formattedMessage }) => formattedMessage),
  };
}

export interface CallResult {
  /** null where the call returned; else the EVM's word: "revert", "out of gas", … */
  readonly error: string | null;
  /** Returned or reverted data, 0x-hex. */
  readonly output: string;
  /** Gas of the execution alone. */
  readonly gasUsed: bigint;
  /** Gas of a transaction that does nothing but this call: with 21,000 and the price of the calldata. */
  readonly transactionGas: bigint;
}

export interface LocalEvm {
  /** Deploys and gives the contract's address, 0x-hex. Throws if the deployment fails, as for code over 24,576 bytes. */
  deploy(initCode: string): Promise<string>;
  /** A call that changes nothing, 16,000,000 gas unless told. */
  call(to: string, data: string, gasLimit?: bigint): Promise<CallResult>;
  /** The same as a transaction from `sender`: what it writes stays. */
  send(to: string, data: string): Promise<CallResult>;
  /** Who deploys, calls and sends, 0x-hex. */
  readonly sender: string;
}

/** EIP-2028: 4 gas a zero byte, 16 any other; the floor of EIP-7623 (10 and 40) counts only where execution is cheaper. */
function transactionGas(data: Uint8Array, executionGas: bigint): bigint {
  let tokens = 0n;
  for (const byte of data) tokens += byte === 0 ? 1n : 4n;
  const usual = 4n * tokens + executionGas;
  const floor = 10n * tokens;
  return 21_000n + (usual > floor ? usual : floor);
}

/**
 * A fresh chain with Prague's rules.
 * @param options.withoutPrecompiles their numbers: a chain that lacks them, where a call to them succeeds and returns nothing
 */
export async function startEvm(options: { readonly withoutPrecompiles?: readonly number[] } = {}): Promise<LocalEvm> {
  const customPrecompiles = (options.withoutPrecompiles ?? []).map((number) => ({
    address: createAddressFromString(`0x${number.toString(16).padStart(40, '0')}`),
  }));
  const evmOptions: EVMOpts = { common: new Common({ chain: Mainnet, hardfork: Hardfork.Prague }), customPrecompiles };
  const evm = await createEVM(evmOptions);
  // A transaction finds precompiles warm (EIP-2929); a bare call does not.
  for (let number = 1; number <= 17; number++) evm.journal.addAlwaysWarmAddress(number.toString(16).padStart(40, '0'), true);
  const caller = createAddressFromString(`0x${'c0'.repeat(20)}`);
  await evm.stateManager.putAccount(caller, new Account(0n, 10n ** 18n));
  const run = async (to: string, data: string, gasLimit: bigint, isStatic: boolean): Promise<CallResult> => {
    const bytes = hexToBytes(data as `0x${string}`);
    const { execResult } = await evm.runCall({ caller, to: createAddressFromString(to), data: bytes, gasLimit, isStatic });
    return {
      error: execResult.exceptionError?.error ?? null,
      output: bytesToHex(execResult.returnValue),
      gasUsed: execResult.executionGasUsed,
      transactionGas: transactionGas(bytes, execResult.executionGasUsed),
    };
  };
  return {
    sender: caller.toString(),
    async deploy(initCode) {
      const result = await evm.runCall({ caller, data: hexToBytes(initCode as `0x${string}`), gasLimit: 30_000_000n });
      const error = result.execResult.exceptionError;
      if (error !== undefined || result.createdAddress === undefined) throw new Error(`deployment failed: ${error?.error ?? 'no address'}`);
      return result.createdAddress.toString();
    },
    call: (to, data, gasLimit = 16_000_000n) => run(to, data, gasLimit, true),
    send: (to, data) => run(to, data, 16_000_000n, false),
  };
}
