/** `zkonnx setup DIR --ptau FILE [--zkey FILE] | --dev`: proving and verification key for a compiled model. */
import { adoptKeys } from '../../ceremony.ts';
import type { CompiledModel } from '../../compile.ts';
import { ZkonnxError } from '../../errors.ts';
import { knownPtau } from '../../groth16/ceremony/known-ptau.ts';
import type { Keys, SetupKind } from '../../groth16/keys.ts';
import { formatBytes } from '../../report/table.ts';
import { setup } from '../../setup.ts';
import { loadArtifact, saveKeys } from '../../store/artifact.ts';
import { artifactFiles } from '../../store/manifest.ts';
import { chooseArtifact } from '../choose.ts';
import type { CliCommand } from '../command.ts';
import type { Session } from '../session.ts';

interface Options {
  readonly dev?: boolean;
  readonly seed?: string;
  readonly ptau?: string;
  readonly zkey?: string;
  readonly entropy?: string;
  readonly name?: string;
}

const kindWords: Readonly<Record<SetupKind, string>> = {
  dev: 'DEV keys: whoever ran this set-up could forge. Not for production.',
  ptau: 'keys with one contribution: whoever kept its secret could forge until others contribute',
  ceremony: 'keys of a ceremony, whose whole transcript was checked',
  unknown: 'keys that nobody vouches for',
};

export const setupCommand: CliCommand<Options> = {
  name: 'setup',
  summary: 'make the keys of a compiled model (--ptau: from powers of tau; --dev: for trying out, whoever makes them can forge)',
  example: 'zkonnx setup artifacts/credit-3f9ac210 --dev',
  configure: (command) =>
    command
      .argument('[dir]', 'artifact folder (default: the only one under artifacts/)')
      .option(
        '--ptau <file>',
        "powers of tau in snarkjs' format, e.g. powersOfTau28_hez_final_16.ptau; adds one contribution, to be continued by others",
      )
      .option('--zkey <file>', 'with --ptau: take this key, the end of a ceremony, after checking its whole transcript')
      .option('--entropy <text>', 'with --ptau: mixed with random bytes')
      .option('--name <text>', 'with --ptau: whose contribution it is; stands in the key for all to read')
      .option('--dev', 'a development key: one machine draws the secrets; never for production')
      .option('--seed <text>', 'with --dev: the same key every time; anyone who knows the seed can forge'),
  async run(session, [given], options) {
    checkOptions(options);
    const folder = await chooseArtifact(given);
    const { compiled } = await loadArtifact(folder, session.runOptions);
    const keys = await makeKeys(session, compiled, options);
    const { files } = await saveKeys(folder, keys, session.runOptions);
    const zkeyBytes = files[artifactFiles.zkey]!.bytes;
    const { kind, ptauDigest, transcriptHash } = keys.setup;
    const known = ptauDigest === undefined ? null : knownPtau(ptauDigest);
    session.result(
      { folder, setup: { ...keys.setup, vkeyHash: keys.vkeyHash }, knownPtau: known, circuitDigest: keys.circuitDigest, zkeyBytes },
      [
        `${folder}   ${kindWords[kind]}`,
        ...(ptauDigest === undefined ? [] : [`  powers of tau ${known ?? 'no file that we know'} (BLAKE2b ${ptauDigest.slice(0, 16)}…)`]),
        ...(transcriptHash === undefined ? [] : [`  transcript   ${transcriptHash}`]),
        `  proving key  ${formatBytes(zkeyBytes)}`,
        `  vkey hash    ${keys.vkeyHash}`,
      ].join('\n'),
    );
    if (kind === 'ptau' && known === null)
      session.note('  note         these powers of tau are none of the public files: zkonnx ceremony verify judges them, setup does not');
    session.next(
      kind === 'ptau'
        ? `zkonnx ceremony contribute ${folder}/${artifactFiles.zkey} --out NEXT.zkey`
        : `zkonnx prove ${folder} --inputs FILE.npz --out receipt.json`,
    );
    return 0;
  },
};

/** @throws ZkonnxError ZK1001. */
function checkOptions(options: Options): void {
  if ((options.dev === true) === (options.ptau !== undefined)) {
    throw new ZkonnxError('ZK1001', {
      what: options.dev === true ? 'setup takes --dev or --ptau, not both' : 'setup needs to know which kind',
      hint: 'zkonnx setup DIR --ptau FILE.ptau, or zkonnx setup DIR --dev   (whoever makes a dev key can forge proofs for it)',
    });
  }
  const kind = options.dev === true ? 'dev' : options.zkey !== undefined ? 'zkey' : 'ptau';
  const foreign: Readonly<Record<typeof kind, readonly (keyof Options)[]>> = {
    dev: ['zkey', 'entropy', 'name'],
    ptau: ['seed'],
    zkey: ['seed', 'entropy', 'name'],
  };
  const stray = foreign[kind].find((name) => options[name] !== undefined);
  if (stray !== undefined) throw new ZkonnxError('ZK1001', { what: `--${stray} does not go with --${kind}`, hint: 'leave it out' });
}

async function makeKeys(session: Session, compiled: CompiledModel, options: Options): Promise<Keys> {
  const { runOptions } = session;
  if (options.ptau === undefined) return setup(compiled, { kind: 'dev', seed: options.seed, ...runOptions });
  const ptau = { path: options.ptau };
  if (options.zkey !== undefined) return (await adoptKeys(compiled, { ptau, zkey: { path: options.zkey } }, runOptions)).keys;
  return setup(compiled, { kind: 'ptau', ptau, entropy: options.entropy, name: options.name, ...runOptions });
}
